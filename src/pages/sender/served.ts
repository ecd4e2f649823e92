import { type Deferred, deferred } from '../../base/deferred.js';
import type { Manifest } from '../../stream/manifest.js';
import type { Represented } from '../listing/represented.js';

/** Tracks which of the offered files have been downloaded completely. */
export class Served {
  readonly #missing: Set<string>;
  readonly #everything: Deferred<undefined> = deferred();

  constructor({ entries }: Manifest) {
    const files = entries.filter(({ type }) => type === 'file' || type === 'hardlink');
    // Without files, only archives of the folders can be downloaded.
    const wanted = files.length > 0 ? files : entries;
    this.#missing = new Set(wanted.map(({ path }) => key(path)));
  }

  /** Resolves when everything was downloaded, possibly by several people */
  get everything(): Promise<undefined> {
    return this.#everything.promise;
  }

  taken({ names, isArchive }: Represented): void {
    const top = key(names);
    for (const file of this.#missing) {
      const isIn = isArchive && (names.length === 0 || file.startsWith(`${top}\0`));
      if (isIn || file === top) this.#missing.delete(file);
    }
    if (this.#missing.size === 0) this.#everything.resolve(undefined);
  }
}

function key(path: readonly string[]): string {
  return path.join('\0');
}
