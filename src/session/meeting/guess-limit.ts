import { TokenBucket } from 'limiter';

/** Wrong passwords that are judged at once. */
export const GUESS_BURST = 5;
/** After the burst one more is judged in this time: 8,640 a day against at least 2^38.7. */
export const GUESS_INTERVAL_MS = 10_000;

/** How often a sender lets a password be tried. It outlives channels: `--keep` starts no new burst. */
export interface GuessLimit {
  /** Takes a guess if one is free now. */
  tryTake(): boolean;
  /** Gives back a guess that was not wrong. */
  giveBack(): void;
}

export function createGuessLimit(
  options: { burst?: number | undefined; intervalMs?: number | undefined } = {},
): GuessLimit {
  const burst = options.burst ?? GUESS_BURST;
  const bucket = new TokenBucket({
    bucketSize: burst,
    tokensPerInterval: 1,
    interval: options.intervalMs ?? GUESS_INTERVAL_MS,
  });
  bucket.content = burst;
  return {
    tryTake: () => bucket.tryRemoveTokens(1),
    giveBack(): void {
      bucket.content = Math.min(burst, bucket.content + 1);
    },
  };
}
