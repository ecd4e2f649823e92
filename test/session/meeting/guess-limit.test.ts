import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { generatePassword, parsePassword } from '../../../src/pake/password.js';
import { type GuessLimit, guessLimitFor } from '../../../src/session/meeting/guess-limit.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'hrtime', 'Date'] });
});

afterEach(() => {
  vi.useRealTimers();
});

function taken(limit: GuessLimit): number {
  let count = 0;
  while (count < 1_000 && limit.tryTake()) count++;
  return count;
}

test('a generated password is judged five times at once, then 20 times a second', () => {
  const limit = guessLimitFor(generatePassword());
  expect(taken(limit)).toBe(5);
  let count = 0;
  for (let turn = 0; turn < 100; turn++) {
    vi.advanceTimersByTime(50);
    count += taken(limit);
  }
  expect(count).toBe(100);
});

test('a chosen password is judged five times at once, then once in ten seconds', () => {
  const limit = guessLimitFor(parsePassword('one-two-three-four-five-six-seven'));
  expect(taken(limit)).toBe(5);
  vi.advanceTimersByTime(9_900);
  expect(taken(limit)).toBe(0);
  vi.advanceTimersByTime(100);
  expect(taken(limit)).toBe(1);
  vi.advanceTimersByTime(3_600_000);
  expect(taken(limit)).toBe(5);
});

test('a guess that was not wrong is given back, and no more are there than at first', () => {
  const limit = guessLimitFor(parsePassword('one-two-three-four-five-six-seven'));
  expect(taken(limit)).toBe(5);
  limit.giveBack();
  limit.giveBack();
  expect(taken(limit)).toBe(2);
  for (let i = 0; i < 10; i++) limit.giveBack();
  expect(taken(limit)).toBe(5);
});
