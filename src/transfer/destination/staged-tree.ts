import {
  chmodSync,
  closeSync,
  constants,
  lstatSync,
  mkdirSync,
  openSync,
  rmSync,
  type Stats,
  symlinkSync,
} from 'node:fs';
import { lstat, rm } from 'node:fs/promises';
import path from 'node:path';
import { OnionferryError } from '../../base/errors.js';
import { countText } from '../../base/quantities.js';
import { localName } from '../../disk/names/local-name.js';
import { CREATE_NEW } from '../../disk/open-flags.js';
import { nextTurn, Turns } from '../../disk/small-file.js';
import {
  closeToOthers,
  isStagingName,
  makeStagingFolder,
  probeUmask,
  type StagingFolder,
} from '../../disk/staging-folder.js';
import { syncFolder } from '../../disk/sync-folder.js';
import { SyncQueue } from '../../disk/sync-queue.js';
import { isUnsupported } from '../../disk/unsupported.js';
import { unwritable } from '../../disk/unwritable.js';
import { KeptAttributes } from './kept-attributes.js';
import { isContainedLink, type LocalEntry } from './local-path.js';

/** Names that were changed, each told in a warning of its own. */
const RENAMED_TOLD_MAX = 20;

export interface FinishOptions {
  /** Other names of files that are copies of them, by index. */
  readonly copies: ReadonlySet<number>;
  /** Whether extended attributes are wanted. */
  readonly xattrs: boolean;
  readonly signal: AbortSignal;
}

/** A transfer's folders and files in the hidden folder that they are first written into. */
export class StagedTree {
  /** The hidden folder. */
  readonly path: string;
  readonly entries: readonly LocalEntry[];
  /** Length of each file that was there already, by index in `entries`. */
  readonly lengths: ReadonlyMap<number, number>;
  readonly #umask: number;

  private constructor(
    { path, umask }: StagingFolder,
    entries: readonly LocalEntry[],
    lengths: ReadonlyMap<number, number>,
  ) {
    this.path = path;
    this.#umask = umask;
    this.entries = entries;
    this.lengths = lengths;
  }

  /**
   * A new one in `directory`.
   *
   * @param withFiles makes all files, empty, so that each name is known to be taken
   * @throws OnionferryError ERR_DESTINATION, ERR_DISK_FULL
   */
  static async make(
    directory: string,
    entries: readonly LocalEntry[],
    { withFiles = false }: { withFiles?: boolean } = {},
  ): Promise<StagedTree> {
    const staging = await makeStagingFolder(directory, 'transfer');
    const lengths = new Map<number, number>();
    try {
      await forEach(entries, staging.path, ({ index, entry, staged }) => {
        if (entry.type === 'folder') mkdirSync(staged, { mode: 0o700 });
        if (entry.type !== 'file' || !withFiles) return;
        closeSync(openSync(staged, constants.O_WRONLY | CREATE_NEW, 0o600));
        lengths.set(index, 0);
      });
      return new StagedTree(staging, entries, lengths);
    } catch (error) {
      await rm(staging.path, { recursive: true, force: true });
      throw error;
    }
  }

  /**
   * That of an earlier process. Whatever is in it but not a folder or file that belongs there is
   * removed, such as links, which are made last.
   *
   * @throws OnionferryError ERR_DESTINATION if it is gone, or not a folder of ours in `directory`
   */
  static async reopen(
    directory: string,
    staging: string,
    entries: readonly LocalEntry[],
  ): Promise<StagedTree> {
    await assertOurs(directory, staging);
    await closeToOthers(staging).catch((cause: unknown) => {
      throw unwritable(staging, cause);
    });
    const umask = await probeUmask(directory);
    const lengths = new Map<number, number>();
    const look = ({ index, entry, staged }: Staged): void => {
      const found = lstatSync(staged, { throwIfNoEntry: false });
      if (found !== undefined && fits(entry, found)) {
        // An earlier process may have got as far as setting the final permissions.
        const mode = entry.type === 'folder' ? 0o700 : 0o600;
        if ((found.mode & 0o777) !== mode) permit(staged, mode);
        if (entry.type === 'file') lengths.set(index, found.size);
        return;
      }
      if (found !== undefined) rmSync(staged, { recursive: true });
      if (entry.type === 'folder') mkdirSync(staged, { mode: 0o700 });
    };
    // Folders come before what they hold, so that no path leads through anything unchecked.
    await forEach(entries, staging, (found) => {
      if (found.entry.type === 'folder') look(found);
      // Made last, as links are; a file that still has another name would not count as ours.
      if (found.entry.type === 'hardlink') rmSync(found.staged, { recursive: true, force: true });
    });
    await forEach(entries, staging, (found) => {
      if (found.entry.type === 'file' || found.entry.type === 'link') look(found);
    });
    return new StagedTree({ path: staging, umask }, entries, lengths);
  }

  /**
   * That of an earlier process that was giving final names: nothing in it is changed.
   *
   * @throws OnionferryError ERR_DESTINATION as `reopen`
   */
  static async asLeft(
    directory: string,
    staging: string,
    entries: readonly LocalEntry[],
  ): Promise<StagedTree> {
    await assertOurs(directory, staging);
    return new StagedTree({ path: staging, umask: 0o077 }, entries, new Map());
  }

  pathOf(index: number): string {
    return path.join(this.path, ...(this.entries[index]?.path ?? []));
  }

  /**
   * Gives the tree its symbolic links, times and permissions, when all files are written and have
   * their other names, and brings its folders to the disk.
   *
   * No path is used while a link of the offer could be in it: links come after everything that is
   * done to files, and what remains is done to folders.
   *
   * @returns warnings about what is not as it was sent
   * @throws OnionferryError ERR_DESTINATION, ERR_DISK_FULL; the signal's reason
   */
  async finish({ copies, xattrs, signal }: FinishOptions): Promise<string[]> {
    const attributes = new KeptAttributes({ umask: this.#umask, xattrs });
    await forEach(this.entries, this.path, ({ index, entry, staged }) => {
      signal.throwIfAborted();
      if (entry.type === 'file') attributes.apply(entry, staged);
      const original = entry.type === 'hardlink' ? this.entries[entry.file]?.entry : undefined;
      if (original?.type === 'file' && copies.has(index)) attributes.apply(original, staged);
    });
    const warnings: string[] = [];
    await forEach(this.entries, this.path, ({ index }) => {
      warnings.push(...this.#makeLink(index));
    });
    // Deepest first: writing into a folder changes its time, and needs its permission.
    await forEach([...this.entries].reverse(), this.path, ({ entry, staged }) => {
      signal.throwIfAborted();
      if (entry.type === 'folder') attributes.apply(entry, staged);
    });
    await this.#syncFolders();
    return [...warnings, ...this.#renamed(), ...attributes.warnings];
  }

  async #syncFolders(): Promise<void> {
    const syncs = new SyncQueue((index) => syncFolder(this.pathOf(index)));
    await forEach(this.entries, this.path, ({ index, entry }) => {
      if (entry.type === 'folder') syncs.defer(index);
    });
    await syncs.drained();
  }

  /** What is called differently here than it was sent. */
  #renamed(): string[] {
    const renamed = this.entries.filter(({ entry, path: names, isUnwanted }) => {
      return isUnwanted !== true && entry.path.at(-1) !== names.at(-1);
    });
    const told = renamed.slice(0, RENAMED_TOLD_MAX).map(({ entry, path: names }) => {
      const sent = localName(entry.path.at(-1) ?? '', 'linux');
      return `${sent} cannot have that name here: it is ${names.join('/')}`;
    });
    const more = renamed.length - told.length;
    return more > 0 ? [...told, `${countText(more, 'more name')} had to be changed`] : told;
  }

  /** As `remove`. @returns a warning if it stays, although nothing in it is needed any more */
  async removeIfPossible(): Promise<string[]> {
    try {
      await this.remove();
      return [];
    } catch {
      return [`${this.path} could not be removed; nothing in it is needed any more`];
    }
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }

  #makeLink(index: number): string[] {
    const { entry, path: names = [] } = this.entries[index] ?? {};
    if (entry?.type !== 'link') return [];
    const shown = names.join('/');
    if (!isContainedLink(entry.path, entry.target)) {
      return [`${shown} was left out: it is a link to outside of what was sent`];
    }
    try {
      symlinkSync(entry.target, path.join(this.path, ...names));
      return [];
    } catch {
      return [`${shown} was left out: this system makes no such link`];
    }
  }
}

function permit(staged: string, mode: number): void {
  try {
    chmodSync(staged, mode);
  } catch (error) {
    if (!isUnsupported(error)) throw error;
  }
}

interface Staged {
  readonly index: number;
  readonly entry: LocalEntry['entry'];
  readonly staged: string;
}

/** Works on each entry without awaiting, and lets other work run now and then. */
async function forEach(
  entries: readonly LocalEntry[],
  staging: string,
  work: (staged: Staged) => void,
): Promise<void> {
  const turns = new Turns();
  for (const [index, { entry, path: names, isUnwanted }] of entries.entries()) {
    if (isUnwanted === true) continue;
    const staged = path.join(staging, ...names);
    try {
      work({ index, entry, staged });
    } catch (cause) {
      throw unwritable(staged, cause);
    }
    if (turns.count()) await nextTurn();
  }
}

async function assertOurs(directory: string, staging: string): Promise<void> {
  try {
    const found = await lstat(staging);
    const isOurs =
      path.dirname(path.resolve(staging)) === path.resolve(directory) &&
      isStagingName(path.basename(staging), 'transfer') &&
      found.isDirectory() &&
      (process.getuid === undefined || found.uid === process.getuid());
    if (!isOurs) throw new Error('it is not a staging folder of this user');
  } catch (cause) {
    throw new OnionferryError(
      'ERR_DESTINATION',
      `what was received into ${staging} is gone; receive it again`,
      { cause },
    );
  }
}

function fits(entry: LocalEntry['entry'], found: Stats): boolean {
  if (entry.type === 'folder') return found.isDirectory();
  // A process killed while it gave files their final names left some with both: those are not ours.
  return (
    entry.type === 'file' && found.isFile() && found.nlink <= 1 && found.size <= (entry.size ?? 0)
  );
}
