import { randomInt } from 'node:crypto';

const LATEST_MS = 1_000;
/** All that ends a process and leaves a transfer that can be resumed. */
const ENDINGS = ['SIGKILL', 'SIGTERM', 'SIGHUP'] as const;

export interface Moment {
  readonly ending: (typeof ENDINGS)[number];
  readonly afterMs: number;
  /** Counted from a start, not from when content is on its way. */
  readonly isEarly: boolean;
  /** Which side it happens to. */
  readonly isSender: boolean;
}

/**
 * Moments that are new in each run, and the same for the seed that SEED gives. The last one takes a
 * recipient that has something, so that at the end there is something to resume.
 */
export function randomMoments(count: number): { seed: number; moments: Moment[] } {
  const seed = Number(process.env['SEED'] ?? randomInt(2 ** 32));
  const random = mulberry32(seed);
  const moments = Array.from({ length: count }, (_, place) => ({
    isEarly: random() < 0.3,
    afterMs: Math.floor(random() * LATEST_MS),
    ending: ENDINGS[Math.floor(random() * ENDINGS.length)] ?? 'SIGKILL',
    isSender: random() < 0.5,
    ...(place === count - 1 && { isEarly: false, isSender: false }),
  }));
  return { seed, moments };
}

/** Numbers from 0 to 1, none of them 1. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
