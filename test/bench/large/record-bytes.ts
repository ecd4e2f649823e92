import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** tor's own files are none of the transfer's. */
const TORS = /^tor/;

/** What a data directory holds besides what is tor's, in bytes. */
export async function recordBytes(directory: string): Promise<number> {
  let sum = 0;
  for (const entry of await readdir(directory, { withFileTypes: true }).catch(() => [])) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) sum += TORS.test(entry.name) ? 0 : await recordBytes(path);
    // It may be gone again.
    else sum += (await stat(path).catch(() => ({ size: 0 }))).size;
  }
  return sum;
}

/** Looks again and again, and keeps the most that was seen. */
export function watchRecord(directory: string): Disposable & { readonly most: number } {
  const EVERY_MS = 1_000;
  let most = 0;
  const looking = setInterval(() => {
    void recordBytes(directory).then((bytes) => {
      most = Math.max(most, bytes);
    });
  }, EVERY_MS);
  return {
    get most() {
      return most;
    },
    [Symbol.dispose]: () => clearInterval(looking),
  };
}
