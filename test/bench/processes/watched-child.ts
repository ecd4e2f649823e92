import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Usage } from './report.js';
import { cpuSecondsOf, peakRssOf } from './usage-of.js';

const LOOK_EVERY_MS = 50;

/**
 * Lets a program run to its end.
 *
 * @throws Error if it ends with another status than 0
 */
export async function watchedToEnd(child: ChildProcess): Promise<Usage> {
  const exit = once(child, 'exit');
  const pid = child.pid ?? 0;
  let cpuSeconds = 0;
  let peakRssBytes = 0;
  // What it used cannot be asked once it has ended.
  const looking = setInterval(() => {
    cpuSeconds = Math.max(cpuSeconds, cpuSecondsOf(pid));
    peakRssBytes = Math.max(peakRssBytes, peakRssOf(pid) ?? 0);
  }, LOOK_EVERY_MS);
  try {
    // `exit` is emitted with a status or null.
    const [status] = (await exit) as [number | null];
    if (status !== 0) throw new Error(`${child.spawnfile} ended with ${String(status)}`);
  } finally {
    clearInterval(looking);
  }
  return { cpuSeconds, peakRssBytes, rssBytes: [] };
}
