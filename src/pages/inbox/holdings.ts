import type { Dirent } from 'node:fs';
import { lstat, opendir } from 'node:fs/promises';
import path from 'node:path';
import { unwritable } from '../../disk/unwritable.js';

/** What others put there or take away is noticed so late, unless it stands in the way of an upload. */
const REMEMBERED_MS = 60_000;
/** A large folder is not read again for each upload that is refused. */
const MEASURED_APART_MS = 1000;
/** Our own hidden folders and records; what is unfinished there is counted by who writes it */
const OWN = /^\.onionferry-/;

/** How much lies in an inbox: everything in its folder, whoever has put it there. */
export class Holdings {
  readonly #directory: string;
  #bytes = 0;
  /** All that was added, ever */
  #added = 0;
  #measuredAt = Number.NEGATIVE_INFINITY;
  #measuring: Promise<void> | undefined;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /**
   * The sizes of all files, in bytes. No link is followed.
   *
   * @param isAnew whether to look again, because somebody may have taken something away
   * @throws OnionferryError ERR_DESTINATION
   */
  async bytes(isAnew = false): Promise<number> {
    const age = performance.now() - this.#measuredAt;
    if (age > (isAnew ? MEASURED_APART_MS : REMEMBERED_MS)) {
      this.#measuring ??= this.#measure().finally(() => {
        this.#measuring = undefined;
      });
      await this.#measuring;
    }
    return this.#bytes;
  }

  /** Something has arrived. */
  add(bytes: number): void {
    this.#bytes += bytes;
    this.#added += bytes;
  }

  async #measure(): Promise<void> {
    const addedBefore = this.#added;
    const folders = [this.#directory];
    let bytes = 0;
    for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
      for await (const entry of entriesOf(folder, this.#directory)) {
        if (folder === this.#directory && OWN.test(entry.name)) continue;
        const found = path.join(folder, entry.name);
        if (entry.isDirectory()) {
          folders.push(found);
        } else {
          // Somebody may take it away just now.
          bytes += (await lstat(found).catch(() => undefined))?.size ?? 0;
        }
      }
    }
    // What came meanwhile may be counted twice until the next look, but never not at all.
    this.#bytes = bytes + this.#added - addedBefore;
    this.#measuredAt = performance.now();
  }
}

/** @throws OnionferryError ERR_DESTINATION if it cannot be read, unless somebody has removed it */
async function* entriesOf(folder: string, root: string): AsyncGenerator<Dirent> {
  try {
    yield* await opendir(folder);
  } catch (cause) {
    if (folder === root) throw unwritable(folder, cause);
  }
}
