import { TokenBucket } from 'limiter';
import type { Password } from '../../pake/password.js';

/** Wrong passwords that are judged at once. */
export const GUESS_BURST = 5;
/**
 * After the burst one more is judged in this time, if the password was generated: 1,728,000 a day
 * against 2^51.6. So fast that a flood of guesses keeps nobody waiting for long: fifty circuits in the
 * channel and fifty on pages have all had their first turn after 5 s.
 */
export const GUESS_INTERVAL_MS = 50;
/** The same for a password that a person has chosen, who may have chosen badly: 8,640 a day. */
export const CHOSEN_GUESS_INTERVAL_MS = 10_000;

/** How often a sender lets a password be tried. It outlives channels: `--keep` starts no new burst. */
export interface GuessLimit {
  /** Takes a guess if one is free now. */
  tryTake(): boolean;
  /** Gives back a guess that was not wrong. */
  giveBack(): void;
  /** Until another one is free, at most */
  readonly intervalMs: number;
}

/** As fast as the password allows. */
export function guessLimitFor({ isGenerated }: Password): GuessLimit {
  const intervalMs = isGenerated === true ? GUESS_INTERVAL_MS : CHOSEN_GUESS_INTERVAL_MS;
  return createGuessLimit({ intervalMs });
}

export function createGuessLimit(
  options: { burst?: number | undefined; intervalMs?: number | undefined } = {},
): GuessLimit {
  const { burst = GUESS_BURST, intervalMs = CHOSEN_GUESS_INTERVAL_MS } = options;
  const bucket = new TokenBucket({
    bucketSize: burst,
    tokensPerInterval: 1,
    interval: intervalMs,
  });
  bucket.content = burst;
  return {
    tryTake: () => bucket.tryRemoveTokens(1),
    giveBack(): void {
      bucket.content = Math.min(burst, bucket.content + 1);
    },
    intervalMs,
  };
}
