import type { Folder, OpenFile } from '../disk/tree/folder.js';
import { changedMeanwhile } from '../onion-http/content/file-representation.js';
import { identityOf, isSameOrLonger } from '../onion-http/content/representation.js';
import type { PlannedEntry, PlannedFolder } from './plan-zip.js';

/**
 * Opens the files of a plan. The folders that lead to the last file stay open, since the next file
 * is mostly in the same folder.
 */
export class PlannedFiles implements Disposable {
  readonly #openRoot: () => Folder | undefined;
  readonly #mayGrow: boolean;
  /** From the root down */
  #path: { readonly planned: PlannedFolder; readonly folder: Folder }[] = [];

  /** @param mayGrow takes files that are longer now for what was planned */
  constructor(openRoot: () => Folder | undefined, mayGrow: boolean) {
    this.#openRoot = openRoot;
    this.#mayGrow = mayGrow;
  }

  /** @throws OnionferryError ERR_SOURCE_CHANGED if the file is not the one that was planned */
  open({ within, ownName, identity }: PlannedEntry): OpenFile {
    const file = this.#enter(within).file(ownName);
    if (file === undefined) throw changedMeanwhile();
    const isPlanned = this.#mayGrow
      ? isSameOrLonger(identity, file.stats)
      : identityOf(file.stats) === identity;
    if (isPlanned) return file;
    file[Symbol.dispose]();
    throw changedMeanwhile();
  }

  [Symbol.dispose](): void {
    this.#leaveTo(0);
  }

  #enter(planned: PlannedFolder): Folder {
    const at = this.#path.findIndex((step) => step.planned === planned);
    if (at !== -1) {
      this.#leaveTo(at + 1);
    } else {
      const parent = planned.parent && this.#enter(planned.parent);
      if (parent === undefined) this.#leaveTo(0);
      const folder = parent === undefined ? this.#openRoot() : parent.folder(planned.name);
      if (folder === undefined) throw changedMeanwhile();
      this.#path.push({ planned, folder });
      return folder;
    }
    const last = this.#path.at(-1);
    if (last === undefined) throw changedMeanwhile();
    return last.folder;
  }

  #leaveTo(length: number): void {
    for (const { folder } of this.#path.splice(length).reverse()) folder[Symbol.dispose]();
  }
}
