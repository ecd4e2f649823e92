import { OnionferryError } from '../../base/errors.js';
import type { Folder, OpenFile } from '../../disk/tree/folder.js';
import { type SharedTree, sharedTree } from '../../disk/tree/shared-tree.js';
import { isVisible, visibleFolder } from './visible-folder.js';

/**
 * What a folder shows as a site, as it is at each moment. No link is followed but in the path of the
 * folder itself.
 */
export class Site {
  readonly #tree: SharedTree;
  readonly #root: string;

  /** @throws OnionferryError ERR_SOURCE if there is no such folder, or it cannot be read */
  constructor(directory: string) {
    this.#tree = sharedTree([directory]);
    using top = this.#tree.folder([]);
    this.#root = top?.names()[0] ?? '';
    using root = this.folder([]);
    if (root === undefined) {
      throw new OnionferryError('ERR_SOURCE', `${directory} is no folder that can be read`);
    }
  }

  folder(names: readonly string[]): Folder | undefined {
    if (!names.every(isVisible)) return undefined;
    const folder = this.#tree.folder([this.#root, ...names]);
    return folder && visibleFolder(folder);
  }

  file(names: readonly string[]): OpenFile | undefined {
    return names.every(isVisible) ? this.#tree.file([this.#root, ...names]) : undefined;
  }
}
