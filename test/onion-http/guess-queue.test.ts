import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CircuitTries } from '../../src/onion-http/circuit-tries.js';
import { GuessQueue, WAITING_CIRCUITS } from '../../src/onion-http/guess-queue.js';
import { createGuessLimit } from '../../src/session/meeting/guess-limit.js';

let tries: CircuitTries;
let queue: GuessQueue;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  tries = new CircuitTries();
  queue = new GuessQueue(createGuessLimit({ burst: 2, intervalMs: 100 }), tries, 1000);
});

afterEach(() => {
  queue.close();
  vi.useRealTimers();
});

/** What somebody hears who shows a password; '' for as long as nobody hears anything */
function show(
  circuit: number | undefined,
  isRight = false,
  socket = { destroyed: false },
): { verdict: string } {
  const heard = { verdict: '' };
  void queue
    .judge(() => isRight, { circuit, socket })
    .then((verdict) => {
      heard.verdict = verdict;
      if (verdict === 'wrong') tries.fail(circuit);
    });
  return heard;
}

async function pass(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
}

test('so many wrong passwords are judged at once, over all circuits, then one at a time', async () => {
  const heard = Array.from({ length: 6 }, (_, circuit) => show(circuit));
  const judged = (): number => heard.filter(({ verdict }) => verdict === 'wrong').length;
  await pass(0);
  expect(judged()).toBe(2);
  await pass(100);
  expect(judged()).toBe(3);
  await pass(300);
  expect(judged()).toBe(6);
});

test('right passwords use up nothing', async () => {
  const heard = Array.from({ length: 20 }, (_, circuit) => show(circuit, true));
  await pass(0);
  expect(heard.map(({ verdict }) => verdict)).toEqual(heard.map(() => 'right'));
});

test('a circuit that was right does not wait in a flood', async () => {
  show(1, true);
  for (let circuit = 10; circuit < 50; circuit++) show(circuit);
  const again = show(1, true);
  await pass(0);
  expect(again.verdict).toBe('right');
});

test('a new circuit is judged before those that have failed, and all that wait on it are', async () => {
  for (let circuit = 10; circuit < 50; circuit++) tries.fail(circuit);
  for (let circuit = 10; circuit < 50; circuit++) show(circuit);
  await pass(0);
  const honest = [show(1, true), show(1, true)];
  await pass(100);
  expect(honest.map(({ verdict }) => verdict)).toEqual(['right', 'right']);
});

test('who waits too long is told that nothing was judged, and so is who comes too often', async () => {
  for (let circuit = 10; circuit < 60; circuit++) show(circuit);
  const often = Array.from({ length: 7 }, () => show(7));
  for (let times = 0; times < 3; times++) tries.fail(7);
  await pass(0);
  expect(often.map(({ verdict }) => verdict)).toEqual(['', '', '', '', '', '', 'dismissed']);
  await pass(1000);
  expect(often.slice(0, 6).map(({ verdict }) => verdict)).toEqual(Array(6).fill('busy'));
});

test('where circuits are unknown, each connection counts for itself', async () => {
  const socket = { destroyed: false };
  show(undefined, true, socket);
  show(undefined);
  show(undefined);
  const [same, other] = [show(undefined, true, socket), show(undefined, true)];
  await pass(0);
  expect([same.verdict, other.verdict]).toEqual(['right', '']);
});

test('who hangs up while it waits uses up no guess', async () => {
  for (let circuit = 10; circuit < 14; circuit++) show(circuit, false, { destroyed: circuit > 11 });
  const honest = show(1);
  await pass(100);
  expect(honest.verdict).toBe('wrong');
});

test('one whose connection has ended is not even compared', async () => {
  for (let circuit = 10; circuit < 13; circuit++) show(circuit);
  let compared = 0;
  const leaving = queue.judge(() => ++compared > 0, { circuit: 1, socket: { destroyed: true } });
  await pass(1000);
  expect([await leaving, compared]).toEqual(['busy', 0]);
});

test('of more circuits than may wait, one that has had most turns in vain is sent away', async () => {
  tries.fail(7);
  show(10);
  show(11);
  const [tried, ...others] = [
    show(7),
    ...Array.from({ length: WAITING_CIRCUITS }, (_, i) => show(20 + i)),
  ];
  await pass(0);
  expect(tried.verdict).toBe('busy');
  expect(new Set(others.map(({ verdict }) => verdict))).toEqual(new Set(['']));
});

test('guesses of a circuit that is shut are not judged, not even the right one', async () => {
  const early = [show(1), show(2), show(7, true)];
  for (let times = 0; times < 10; times++) tries.fail(7);
  const late = show(7, true);
  await pass(1000);
  expect([...early, late].map(({ verdict }) => verdict)).toEqual([
    'wrong',
    'wrong',
    'dismissed',
    'dismissed',
  ]);
});
