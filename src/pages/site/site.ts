import { OnionferryError } from '../../base/errors.js';
import { type Folder, kindsByLooking, type OpenFile } from '../../disk/tree/folder.js';
import { type SharedTree, sharedTree } from '../../disk/tree/shared-tree.js';

/** The only dot name that is meant to be public (RFC 8615). */
const WELL_KNOWN = '.well-known';

/**
 * The files of a folder that a site shows, always as they are now. Symbolic links are followed only
 * in the path of the folder itself.
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
      throw new OnionferryError('ERR_SOURCE', `${directory} is not a folder that can be read`);
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

/** Names that begin with a dot are settings and histories, such as `.git`: not part of a site. */
function isVisible(name: string): boolean {
  return !name.startsWith('.') || name === WELL_KNOWN;
}

/** A folder without its hidden entries. Disposing of it disposes of the folder. */
function visibleFolder(folder: Folder): Folder {
  const names = (): string[] => folder.names().filter(isVisible);
  return {
    names,
    readNames: async () => (await folder.readNames()).filter(isVisible),
    kinds: () => kindsByLooking({ names, look: (name) => folder.look(name) }),
    look: (name) => (isVisible(name) ? folder.look(name) : undefined),
    glances() {
      const glance = folder.glances();
      return (name) => (isVisible(name) ? glance(name) : undefined);
    },
    whyHidden: (name) => (isVisible(name) ? folder.whyHidden(name) : 'gone'),
    state: () => folder.state(),
    folder(name): Folder | undefined {
      const inner = isVisible(name) ? folder.folder(name) : undefined;
      return inner && visibleFolder(inner);
    },
    file: (name) => (isVisible(name) ? folder.file(name) : undefined),
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}
