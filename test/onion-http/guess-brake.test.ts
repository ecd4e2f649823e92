import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { GuessBrake } from '../../src/onion-http/guess-brake.js';

const LIMITS = { guessBurst: 2, guessEveryMs: 100, guessWaitMs: 1000 };

let failures: Map<number | undefined, number>;
let brake: GuessBrake;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  failures = new Map();
  brake = new GuessBrake(LIMITS, (circuit) => failures.get(circuit) ?? 0);
});

afterEach(() => {
  brake.close();
  vi.useRealTimers();
});

/** What somebody hears who shows a password; '' for as long as nobody hears anything */
function show(
  circuit: number | undefined,
  isRight = false,
  socket = { destroyed: false },
): { verdict: string } {
  const heard = { verdict: '' };
  void brake
    .judge(() => isRight, { circuit, socket })
    .then((verdict) => {
      heard.verdict = verdict;
      if (verdict === 'wrong') failures.set(circuit, (failures.get(circuit) ?? 0) + 1);
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
  for (let circuit = 10; circuit < 50; circuit++) failures.set(circuit, 1);
  for (let circuit = 10; circuit < 50; circuit++) show(circuit);
  await pass(0);
  const honest = [show(1, true), show(1, true)];
  await pass(100);
  expect(honest.map(({ verdict }) => verdict)).toEqual(['right', 'right']);
});

test('who waits too long is told that nothing was judged, and so is who comes too often', async () => {
  for (let circuit = 10; circuit < 60; circuit++) show(circuit);
  const often = Array.from({ length: 7 }, () => show(7));
  failures.set(7, 3);
  await pass(0);
  expect(often.map(({ verdict }) => verdict)).toEqual(['', '', '', '', '', '', 'too-many']);
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
