import type { Bell } from '../../../base/bell.js';
import type { ChunkPlan } from '../../../stream/chunk-plan.js';
import type { SecureStream } from '../stream/secure-stream.js';
import type { Chosen } from './chosen.js';

/** How long a stream without work waits before it looks again: a stalled one gets going. */
const LOOK_AGAIN_MS = 100;

export interface PumpOptions {
  readonly stream: SecureStream;
  readonly plan: ChunkPlan;
  readonly chosen: Chosen;
  /** Rings when there may be work again. */
  readonly bell: Bell;
  readonly signal: AbortSignal;
}

/** Sends over a stream what the plan gives it, until the signal aborts. */
export async function pump({ stream, plan, chosen, bell, signal }: PumpOptions): Promise<void> {
  while (!signal.aborted) {
    const piece = plan.take(stream.stream, performance.now());
    if (piece === undefined) {
      await bell.wait(LOOK_AGAIN_MS, signal);
      continue;
    }
    const { position, length } = piece;
    await stream.send({ frame: 'data', position, content: await chosen.read(position, length) });
  }
}
