import { siblingsComing } from './siblings-coming.js';

/** A page that is open for longer is not about to be left for a download. */
const GREET_MS = 5 * 60_000;

/**
 * Asks each sibling for nothing as soon as it is online. It takes a browser's tor seconds to find
 * an address and to build a circuit to it; then these have passed before anything is wanted.
 *
 * @param path see siblingsComing
 * @param signal ends the asking; what was asked goes on, and so do the circuits
 */
export async function greetSiblings(path: string, signal?: AbortSignal): Promise<void> {
  const greeted = new Set<string>();
  const limit = AbortSignal.timeout(GREET_MS);
  const until = signal === undefined ? limit : AbortSignal.any([signal, limit]);
  for await (const { origins, siblings, greeting } of siblingsComing(path, until)) {
    for (const origin of origins) {
      if (greeted.has(origin)) continue;
      greeted.add(origin);
      // If this fails, it only takes longer later.
      greet(`${origin}${greeting}`).catch(() => undefined);
    }
    if (greeted.size >= siblings) return;
  }
}

async function greet(url: string): Promise<void> {
  // Nothing of the reply is read, so that siblings need not allow it.
  await fetch(url, { mode: 'no-cors', credentials: 'omit', cache: 'no-store' });
}
