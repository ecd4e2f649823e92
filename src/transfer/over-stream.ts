import { sleep } from '../base/deadline.js';
import { hasCode } from '../base/errors.js';
import { PeerAbort } from './abort.js';
import type { Meeting } from './meeting/meeting.js';
import type { SecureStream } from './secure-stream.js';

/** How long two sides that have met try to begin, when streams break before anything was said. */
const BEGIN_MS = 60_000;
/** Longer with each number, from the second failure on. */
const PAUSE_MS = 250;
const PAUSE_MAX_MS = 2_000;

/**
 * Runs a conversation over the first stream that lasts until it has begun. A relay's answer may be
 * lost, a circuit may die: both sides then go on with the next number, and start over.
 */
export async function overStream<Result>(
  meeting: Meeting,
  signal: AbortSignal | undefined,
  converse: (stream: SecureStream, begun: () => void) => Promise<Result>,
): Promise<Result> {
  const giveUpAt = performance.now() + BEGIN_MS;
  for (let number = 0; ; number++) {
    const progress = { begun: false };
    let stream: SecureStream | undefined;
    try {
      stream = await meeting.openStream(number, { signal });
      return await converse(stream, () => {
        progress.begun = true;
      });
    } catch (error) {
      const broken = hasCode(error, 'ERR_PEER_GONE', 'ERR_STREAM', 'ERR_TIMEOUT', 'ERR_RELAY');
      const over =
        progress.begun ||
        error instanceof PeerAbort ||
        performance.now() > giveUpAt ||
        signal?.aborted === true;
      if (!broken || over) throw error;
      await sleep(Math.min(number * PAUSE_MS, PAUSE_MAX_MS), signal);
    } finally {
      stream?.destroy();
    }
  }
}
