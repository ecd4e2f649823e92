import type { Notifier } from '../../base/notifier.js';
import type { ChunkPlan } from '../../stream/chunk-plan.js';
import type { Growth } from './source.js';

/** Content of unknown length that is kept in memory until the recipient has written it. */
const KEPT_MAX_BYTES: number = 32 * 1024 * 1024;
const LOOK_AGAIN_MS = 1_000;

/** Reads growing content, as fast as it is sent. */
export async function grow(
  growth: Growth,
  plan: ChunkPlan,
  notifier: Notifier,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    if (growth.isOver) {
      plan.finish();
      notifier.notify();
      return;
    }
    if (growth.length - plan.acknowledgedUpTo >= KEPT_MAX_BYTES) {
      await notifier.wait(LOOK_AGAIN_MS, signal);
      continue;
    }
    const before = growth.length;
    await growth.more();
    if (growth.length > before) plan.append(growth.length - before);
    notifier.notify();
  }
}
