import { sleep } from '../../base/deadline.js';
import type { OnionferryError } from '../../base/errors.js';
import { connectionBroke } from '../../stream/byte-channel.js';
import { leadNumber } from './stream-numbers.js';

/** How long two sides that have met try to begin, when streams break before anything was agreed. */
const BEGIN_MS = 60_000;
/** Longer with each number, from the second failure on. */
const PAUSE_MS = 250;
const PAUSE_MAX_MS = 2_000;

export interface SessionBeginning {
  /** Serves the stream of a number to its end. @returns what ended it */
  readonly serve: (number: number) => Promise<OnionferryError | undefined>;
  /** Whether the two sides have agreed over one of them. */
  readonly hasBegun: () => boolean;
  readonly signal: AbortSignal;
}

/**
 * Opens one stream after the other until the session has begun: a relay's answer may be lost, a
 * circuit may die. Both sides go through the same numbers.
 *
 * @throws OnionferryError what ended the last of them, if none lasts
 */
export async function beginSession({ serve, hasBegun, signal }: SessionBeginning): Promise<void> {
  let giveUpAt = performance.now() + BEGIN_MS;
  for (let attempt = 0; ; attempt++) {
    const openedAt = performance.now();
    const failure = await serve(leadNumber(attempt));
    if (hasBegun() || signal.aborted) return;
    const now = performance.now();
    // A stream that lived as long as a person takes to decide was no failure.
    if (now - openedAt > BEGIN_MS) giveUpAt = now + BEGIN_MS;
    else if (now > giveUpAt) throw failure ?? connectionBroke();
    await sleep(Math.min(attempt * PAUSE_MS, PAUSE_MAX_MS), signal);
  }
}
