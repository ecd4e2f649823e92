import { accessSync, type BigIntStats, constants, statSync } from 'node:fs';
import path from 'node:path';
import { OnionferryError } from '../../base/errors.js';
import { unreadable } from '../unreadable.js';
import { hasUntoldContent, UNTOLD } from '../untold-size.js';
import { excludingFolder } from './excluding-folder.js';
import { Exclusion, type ExclusionRules } from './exclusion.js';
import {
  type Folder,
  type HiddenReason,
  type KindOfName,
  kindsByLooking,
  type OpenFile,
} from './folder.js';
import { ifThere, isUntold, openFile, openRootFolder, whyHiddenAt } from './real-folder.js';
import { rootNames } from './root-names.js';

/** Files and folders on this machine, each under its own name, as they are at any moment. */
export interface SharedTree {
  /** The folder at the end of the names; without names, the top one with all that is shared. */
  folder(names: readonly string[]): Folder | undefined;
  file(names: readonly string[]): OpenFile | undefined;
}

export interface SharedTreeOptions {
  /** What is left out on request. */
  readonly exclude?: ExclusionRules | undefined;
  /** Leaves out what the user named and cannot be read, instead of throwing. */
  readonly skipUnreadable?: boolean;
}

/**
 * Links that the user named are followed, those below are not.
 *
 * @throws OnionferryError ERR_SOURCE if one of them cannot be read now
 */
export function sharedTree(paths: readonly string[], options: SharedTreeOptions = {}): SharedTree {
  const { exclude, skipUnreadable = false } = options;
  const roots = nameRoots(paths, skipUnreadable);
  const top = new TopFolder(roots);
  if (exclude === undefined) return new Tree(top);
  const exclusions = new Map(
    [...roots].map(([name, absolute]) => [name, Exclusion.above(absolute, exclude)]),
  );
  // One of two with the same name is shown as another, and judged as what it is.
  const ownName = (name: string): string => path.basename(roots.get(name) ?? name);
  const tree = excludingFolder(top, (name) => exclusions.get(name), ownName);
  if (tree.names().length === 0) throw source('nothing is left to share: all of it was left out');
  return new Tree(tree);
}

class Tree implements SharedTree {
  readonly #top: Folder;

  constructor(top: Folder) {
    this.#top = top;
  }

  folder(names: readonly string[]): Folder | undefined {
    let folder: Folder | undefined = this.#top;
    for (const name of names) {
      const parent: Folder = folder;
      folder = parent.folder(name);
      parent[Symbol.dispose]();
      if (folder === undefined) return undefined;
    }
    return folder;
  }

  file(names: readonly string[]): OpenFile | undefined {
    using folder = this.folder(names.slice(0, -1));
    return folder?.file(names.at(-1) ?? '');
  }
}

/** What the user named, side by side, whatever folders it is in. */
class TopFolder implements Folder {
  readonly #roots: ReadonlyMap<string, string>;

  constructor(roots: ReadonlyMap<string, string>) {
    this.#roots = roots;
  }

  names(): string[] {
    return [...this.#roots.keys()];
  }

  readNames(): Promise<string[]> {
    return Promise.resolve(this.names());
  }

  kinds(): Iterable<KindOfName> {
    return kindsByLooking(this);
  }

  look(name: string): BigIntStats | undefined {
    const at = this.#roots.get(name);
    const stats = at === undefined ? undefined : ifThere(() => statSync(at, { bigint: true }));
    if (at === undefined || stats === undefined) return undefined;
    if (stats.isDirectory()) return stats;
    return stats.isFile() && !(stats.size === 0n && isUntold(at, 0)) ? stats : undefined;
  }

  glances(): (name: string) => BigIntStats | undefined {
    return (name) => this.look(name);
  }

  whyHidden(name: string): HiddenReason {
    const at = this.#roots.get(name);
    return at === undefined ? 'gone' : whyHiddenAt(at, statSync);
  }

  state(): undefined {
    return undefined;
  }

  folder(name: string): Folder | undefined {
    const at = this.#roots.get(name);
    return at === undefined ? undefined : openRootFolder(at);
  }

  file(name: string): OpenFile | undefined {
    const at = this.#roots.get(name);
    return at === undefined || this.look(name)?.isFile() !== true ? undefined : openFile(at);
  }

  [Symbol.dispose](): void {
    // Nothing is held open.
  }
}

/** Absolute paths by the names under which they are shown, in the user's order. */
function nameRoots(paths: readonly string[], skipUnreadable: boolean): Map<string, string> {
  const roots = new Map<string, string>();
  // One that is left out keeps its name: others are not renamed by it.
  for (const [name, { absolute }] of rootNames(paths)) {
    try {
      assertReadable(absolute);
    } catch (error) {
      if (skipUnreadable) continue;
      throw error;
    }
    roots.set(name, absolute);
  }
  if (roots.size === 0) throw source('name at least one file or folder to share');
  return roots;
}

function assertReadable(absolute: string): void {
  try {
    const stats = statSync(absolute);
    if (!stats.isFile() && !stats.isDirectory()) {
      throw source(`${absolute} is neither a file nor a folder`);
    }
    accessSync(absolute, constants.R_OK);
    if (stats.isFile() && stats.size === 0 && hasUntoldContent(absolute)) {
      throw source(`${absolute} ${UNTOLD}; send it alone, or share a copy`);
    }
  } catch (cause) {
    throw cause instanceof OnionferryError ? cause : unreadable(absolute, cause);
  }
}

function source(message: string): OnionferryError {
  return new OnionferryError('ERR_SOURCE', message);
}
