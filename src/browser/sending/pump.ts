import type { Notifier } from '../../base/notifier.js';
import type { ChunkPlan } from '../../stream/chunk-plan.js';
import type { SecureStream } from '../stream/secure-stream.js';
import type { Chosen } from './chosen.js';

/** How long a stream without work waits before it looks again: a stalled one gets going. */
const LOOK_AGAIN_MS = 100;

export interface PumpOptions {
  readonly stream: SecureStream;
  readonly plan: ChunkPlan;
  readonly chosen: Chosen;
  /** Rings when there may be work again. */
  readonly notifier: Notifier;
  readonly signal: AbortSignal;
}

/** Sends over a stream what the plan gives it, until the signal aborts. */
export async function pump({ stream, plan, chosen, notifier, signal }: PumpOptions): Promise<void> {
  while (!signal.aborted) {
    const piece = plan.take(stream.stream, performance.now());
    if (piece === undefined) {
      await notifier.wait(LOOK_AGAIN_MS, signal);
      continue;
    }
    const { position, length } = piece;
    await stream.send({ frame: 'data', position, content: await chosen.read(position, length) });
  }
}
