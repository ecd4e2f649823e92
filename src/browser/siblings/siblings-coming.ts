import * as v from 'valibot';
import { sleep } from '../../base/deadline.js';
import { SIBLINGS } from '../../pages/parallel/limits.js';
import type { SiblingsOnline } from '../../pages/parallel/plan.js';

/** After a failure, or a reply that came without news */
const AGAIN_MS = 1000;
/** When all are there: often enough that they stay */
const LATER_MS = 60_000;

const SIBLINGS_ONLINE = v.object({
  origins: v.pipe(
    v.array(v.pipe(v.string(), v.maxLength(100), v.regex(/^http:\/\/[a-z0-9.:-]+$/))),
    v.maxLength(SIBLINGS),
  ),
  siblings: v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(SIBLINGS)),
  greeting: v.pipe(v.string(), v.maxLength(100), v.regex(/^\/[\w-]*$/)),
});

/**
 * Brings siblings online, tells which are as they come one by one, and keeps them so. It ends with
 * the signal alone, whose reason it throws.
 *
 * @param path where the page's own address tells which are online; it answers when there are more
 */
export async function* siblingsComing(
  path: string,
  signal: AbortSignal,
): AsyncGenerator<SiblingsOnline, never, undefined> {
  for (let known = 0; ; ) {
    const found = await ask(`${path}?known=${known}`, signal);
    if (found !== undefined) yield found;
    const { origins = [], siblings = Number.POSITIVE_INFINITY } = found ?? {};
    const isNews = origins.length > known;
    known = origins.length;
    if (known >= siblings) await sleep(LATER_MS, signal);
    else if (!isNews) await sleep(AGAIN_MS, signal);
  }
}

/** @returns undefined if it failed */
async function ask(path: string, signal: AbortSignal): Promise<SiblingsOnline | undefined> {
  try {
    const response = await fetch(path, { cache: 'no-store', signal });
    return response.ok ? v.parse(SIBLINGS_ONLINE, await response.json()) : undefined;
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}
