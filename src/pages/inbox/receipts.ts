import type { ReceivedFile } from '../../session/receiving/destination.js';

/** Files that one receipt lists: rendering more would delay other requests, and nobody reads them. */
export const LISTED_MAX = 1000;
/** Of all receipts together: some ten megabytes. */
const LISTED_IN_ALL_MAX = 20_000;

/** What somebody is shown to have arrived. */
export interface Receipt {
  /** Of the upload */
  readonly id: string;
  /** The first LISTED_MAX */
  readonly listed: readonly ReceivedFile[];
  readonly files: number;
  readonly bytes: number;
}

/**
 * Receipts under addresses of their own, which nobody can guess: a page that was reloaded, or is
 * opened again, shows what has arrived and sends nothing. They are kept in memory alone, the newest
 * ones, and are gone with the program.
 */
export class Receipts {
  /** The oldest first */
  readonly #kept = new Map<string, Receipt>();
  #listed = 0;

  /** @param id of the upload, which nobody can guess */
  add(id: string, files: readonly ReceivedFile[]): void {
    const listed = files.slice(0, LISTED_MAX);
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    this.#kept.set(id, { id, listed, files: files.length, bytes });
    this.#listed += costOf(listed);
    for (const [oldest, receipt] of this.#kept) {
      if (this.#listed <= LISTED_IN_ALL_MAX) break;
      this.#kept.delete(oldest);
      this.#listed -= costOf(receipt.listed);
    }
  }

  find(id: string): Receipt | undefined {
    return this.#kept.get(id);
  }
}

/** An empty receipt takes memory too. */
function costOf(listed: readonly ReceivedFile[]): number {
  return listed.length + 1;
}
