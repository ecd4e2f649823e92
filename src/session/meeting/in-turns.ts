import type { GuessLimit } from './guess-limit.js';

/** A side that waits for a guess asks every second or so; one that has not for this long has left. */
const WISH_MS = 5_000;

/**
 * Two sides of one limit, for guesses that arrive in different ways. While both wait they take
 * turns: otherwise a flood of one that asks sooner would leave no guesses for the other.
 *
 * @param now milliseconds that only grow
 */
export function inTurns(
  limit: GuessLimit,
  now: () => number = () => performance.now(),
): readonly [GuessLimit, GuessLimit] {
  const wishes: [number, number] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let last: 0 | 1 | undefined;
  const side = (own: 0 | 1, other: 0 | 1): GuessLimit => ({
    tryTake(): boolean {
      const isOthersTurn = last === own && now() - wishes[other] < WISH_MS;
      const isTaken = !isOthersTurn && limit.tryTake();
      wishes[own] = isTaken ? Number.NEGATIVE_INFINITY : now();
      if (isTaken) last = own;
      return isTaken;
    },
    giveBack: () => limit.giveBack(),
    intervalMs: limit.intervalMs,
  });
  return [side(0, 1), side(1, 0)];
}
