import { join } from 'node:path';
import type { Folder } from '../disk/tree/folder.js';
import { openRootFolder } from '../disk/tree/real-folder.js';
import type { FolderEntry, FolderListing } from '../pages/desktop/state.js';
import { Refusal } from './said.js';

/** Listed of one folder; nobody looks through more, and a page would be slow with them. */
const ENTRIES_MAX = 2000;

/**
 * The user's home, as the page may look through it: folders and files below it, and nothing that a
 * link leads to. Paths are from the home on, with `/`; the empty one is the home.
 */
export class HomeFolder {
  readonly #path: string;

  /** @param path absolute */
  constructor(path: string) {
    this.#path = path;
  }

  /** @throws OnionferryError ERR_SOURCE if there is no such folder below the home */
  list(path: string, showsHidden: boolean): FolderListing {
    using folder = this.#open(path);
    const names = folder.names().filter((name) => showsHidden || !name.startsWith('.'));
    const entries: FolderEntry[] = [];
    let more = 0;
    for (const name of names) {
      if (entries.length === ENTRIES_MAX) {
        more += 1;
        continue;
      }
      const found = folder.look(name);
      if (found?.isDirectory() === true) entries.push({ name, kind: 'folder' });
      else if (found !== undefined) entries.push({ name, kind: 'file', bytes: Number(found.size) });
    }
    const order = new Intl.Collator(undefined, { numeric: true });
    entries.sort(
      (one, other) =>
        Number(other.kind === 'folder') - Number(one.kind === 'folder') ||
        order.compare(one.name, other.name),
    );
    return { path, entries, more };
  }

  /** The absolute path of a file or folder. @throws OnionferryError ERR_SOURCE if it is not there */
  find(path: string): string {
    if (path === '') throw new Refusal('ERR_SOURCE', ({ refusals }) => refusals.allOfHome);
    const at = path.lastIndexOf('/');
    using folder = this.#open(path.slice(0, Math.max(at, 0)));
    if (folder.look(path.slice(at + 1)) === undefined) throw missing(path);
    return join(this.#path, path);
  }

  /**
   * The absolute path of a folder, which need not be there yet.
   *
   * @throws OnionferryError ERR_SOURCE if it would not be below the home
   */
  place(path: string): string {
    const [first = ''] = path.split('/', 1);
    using home = this.#open('');
    if (path !== '' && path === first && home.look(first) === undefined) {
      // Harmless, and nothing that leads elsewhere: as "Downloads" in a new home.
      if (isName(first) && !home.names().includes(first)) return join(this.#path, first);
    }
    this.#open(path)[Symbol.dispose]();
    return join(this.#path, path);
  }

  #open(path: string): Folder {
    const names = path === '' ? [] : path.split('/');
    let folder = openRootFolder(this.#path);
    for (const name of names) {
      const parent = folder;
      if (parent === undefined) break;
      folder = parent.folder(name);
      parent[Symbol.dispose]();
    }
    if (folder === undefined) throw missing(path);
    return folder;
  }
}

function isName(text: string): boolean {
  return /^[\p{L}\p{N}][\p{L}\p{N} _-]*$/u.test(text);
}

function missing(path: string): Refusal {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return new Refusal('ERR_SOURCE', ({ refusals }) => refusals.missing(name));
}
