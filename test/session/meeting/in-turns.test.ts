import { expect, onTestFinished, test, vi } from 'vitest';
import type { GuessLimit } from '../../../src/session/meeting/guess-limit.js';
import { inTurns } from '../../../src/session/meeting/in-turns.js';

/** A limit that has as many guesses as it was given. */
class Purse implements GuessLimit {
  guesses = 0;
  readonly intervalMs = 0;

  tryTake(): boolean {
    if (this.guesses === 0) return false;
    this.guesses--;
    return true;
  }

  giveBack(): void {
    this.guesses++;
  }
}

test('of two that wait, none gets the next guess twice in a row, however often it asks', () => {
  const purse = new Purse();
  const [channel, pages] = inTurns(purse, () => 0);
  purse.guesses = 1;
  expect(pages.tryTake()).toBe(true);
  for (let round = 0; round < 3; round++) {
    expect([channel.tryTake(), pages.tryTake()]).toEqual([false, false]);
    purse.guesses = 1;
    expect([pages.tryTake(), pages.tryTake(), channel.tryTake()]).toEqual([false, false, true]);
    expect([channel.tryTake(), pages.tryTake()]).toEqual([false, false]);
    purse.guesses = 1;
    expect([channel.tryTake(), channel.tryTake(), pages.tryTake()]).toEqual([false, false, true]);
  }
});

test('who waits alone gets every guess, also when the other has stopped waiting', () => {
  const purse = new Purse();
  let now = 0;
  const [channel, pages] = inTurns(purse, () => now);
  purse.guesses = 2;
  expect([pages.tryTake(), pages.tryTake(), channel.tryTake()]).toEqual([true, true, false]);
  purse.guesses = 1;
  expect(pages.tryTake()).toBe(false);
  now += 5_000;
  expect(pages.tryTake()).toBe(true);
});

test('what one gives back is there for the other', () => {
  const purse = new Purse();
  const [channel, pages] = inTurns(purse, () => 0);
  purse.guesses = 1;
  expect(pages.tryTake()).toBe(true);
  pages.giveBack();
  expect(channel.tryTake()).toBe(true);
});

test('who has stopped waiting is known by the clock', () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const purse = new Purse();
  const [channel, pages] = inTurns(purse);
  purse.guesses = 1;
  expect([pages.tryTake(), channel.tryTake()]).toEqual([true, false]);
  vi.advanceTimersByTime(4_999);
  purse.guesses = 1;
  expect(pages.tryTake()).toBe(false);
  vi.advanceTimersByTime(1);
  expect(pages.tryTake()).toBe(true);
});
