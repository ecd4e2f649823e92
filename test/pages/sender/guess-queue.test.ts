import { expect, test } from 'vitest';
import type { Caller } from '../../../src/onion-http/circuits.js';
import { GuessQueue, type Verdict } from '../../../src/pages/sender/guess-queue.js';
import { createGuessLimit } from '../../../src/session/meeting/guess-limit.js';

const right = (): boolean => true;
const wrong = (): boolean => false;

function caller(circuit: number | undefined): Caller {
  return { socket: { destroyed: false }, circuit };
}

function judge(burst: number, intervalMs = 3_600_000): GuessQueue {
  return new GuessQueue(createGuessLimit({ burst, intervalMs }));
}

/** The verdict, if there is one by now. */
async function settled(verdict: Promise<Verdict>): Promise<Verdict | 'waits'> {
  return await Promise.race([verdict, new Promise<'waits'>((r) => setImmediate(() => r('waits')))]);
}

test('after the burst even the right words wait until a guess is free', async () => {
  const one = judge(2, 300);
  expect(await one.judge(wrong, caller(1))).toBe('wrong');
  expect(await one.judge(wrong, caller(1))).toBe('wrong');
  const verdict = one.judge(right, caller(2));
  expect(await settled(verdict)).toBe('waits');
  expect(await verdict).toBe('right');
});

test('a circuit that was right once is not delayed by the guesses of others', async () => {
  const one = judge(1);
  expect(await one.judge(right, caller(7))).toBe('right');
  expect(await one.judge(wrong, caller(8))).toBe('wrong');
  expect(await one.judge(right, caller(7))).toBe('right');
  expect(await settled(one.judge(right, caller(9)))).toBe('waits');
});

test('without circuit numbers, the connection that was right is remembered', async () => {
  const one = judge(1);
  const known = caller(undefined);
  expect(await one.judge(right, known)).toBe('right');
  expect(await one.judge(wrong, caller(undefined))).toBe('wrong');
  expect(await one.judge(right, known)).toBe('right');
});

test('each circuit has at most one waiting guess, and there is room for hundreds of circuits', async () => {
  const one = judge(1);
  await one.judge(wrong, caller(0));
  const first = one.judge(right, caller(1));
  const second = one.judge(right, caller(1));
  expect(await first).toBe('busy');
  expect(await settled(second)).toBe('waits');
  const others = Array.from({ length: 512 }, (_, i) => one.judge(wrong, caller(10 + i)));
  const all = await Promise.all([second, ...others].map(settled));
  expect(all.filter((verdict) => verdict === 'busy')).toHaveLength(1);
});

test('a newcomer is judged before circuits that were wrong before, however many wait', async () => {
  const one = judge(50, 20);
  const flooding = Array.from({ length: 50 }, (_, circuit) => circuit);
  await Promise.all(flooding.map((circuit) => one.judge(wrong, caller(circuit))));
  const again = flooding.map((circuit) => one.judge(wrong, caller(circuit)));
  const newcomer = one.judge(right, caller(99));
  expect(await Promise.race([...again, newcomer])).toBe('right');
});

test('a guess whose connection has ended is not judged', async () => {
  const one = judge(1, 20);
  await one.judge(wrong, caller(1));
  let compared = 0;
  const gone = { socket: { destroyed: true }, circuit: 2 };
  const leaving = one.judge(() => ++compared > 0, gone);
  expect(await one.judge(right, caller(3))).toBe('right');
  expect([await leaving, compared]).toEqual(['busy', 0]);
});
