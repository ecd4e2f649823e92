import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { OnionferryError } from '../base/errors.js';
import { type LockedFolder, lockFolder, removeIfAbandoned } from '../disk/locked-folder.js';
import { isHarmless, localName } from '../disk/names/local-name.js';
import { makePrivateDirectory } from '../disk/private-file.js';
import { unwritable, unwritableData } from '../disk/unwritable.js';

/** In the data directory; each run of the program has a folder in it. */
const DROPPED = 'dropped';
/** Folders within each other; more than anybody has by hand. */
const DEPTH_MAX = 64;
/** Drops that were uploaded, and are not used yet */
const DROPS_MAX = 100;

/**
 * Copies of what was dropped on the page, since browsers do not tell where it was: in a folder for
 * this user alone, on the same disk as the data directory. All of it goes at the end of the program,
 * and what a killed one left at the next start.
 */
export class DroppedFolders implements AsyncDisposable {
  readonly #dataDir: string;
  readonly #paths = new Map<number, string>();
  #folder: Promise<LockedFolder> | undefined;
  #last = 0;

  constructor(dataDir: string) {
    this.#dataDir = dataDir;
  }

  /** Removes what programs left that were killed. */
  async sweep(): Promise<void> {
    const parent = join(this.#dataDir, DROPPED);
    // Nothing was ever dropped, or somebody else sees to it.
    for (const name of await readdir(parent).catch(() => [])) {
      await removeIfAbandoned(join(parent, name)).catch(() => undefined);
    }
  }

  /** Makes room for a drop. @returns its number */
  async add(): Promise<number> {
    if (this.#paths.size >= DROPS_MAX) {
      throw new OnionferryError('ERR_USAGE', 'too much was dropped and not used; reload the page');
    }
    this.#folder ??= make(join(this.#dataDir, DROPPED));
    const { path } = await this.#folder;
    const drop = ++this.#last;
    const place = join(path, String(drop));
    await mkdir(place, { mode: 0o700 }).catch((cause: unknown) => {
      throw unwritableData(place, cause);
    });
    this.#paths.set(drop, place);
    return drop;
  }

  /**
   * Writes one file of a drop.
   *
   * @param path as the page names it: within the drop, with `/`
   * @throws OnionferryError ERR_HOSTILE_NAME, ERR_DISK_FULL, ERR_DESTINATION
   */
  async write(drop: number, path: string, content: Readable): Promise<void> {
    const place = this.#placeOf(drop);
    const names = path.split('/');
    const isFine = (name: string): boolean =>
      isHarmless(name, process.platform) && localName(name, process.platform) === name;
    if (names.length > DEPTH_MAX || !names.every(isFine)) {
      throw new OnionferryError(
        'ERR_HOSTILE_NAME',
        'a dropped file has a name that cannot be kept',
      );
    }
    const target = join(place, ...names);
    try {
      await mkdir(dirname(target), { recursive: true, mode: 0o700 });
      await pipeline(content, createWriteStream(target, { flags: 'wx', mode: 0o600 }));
    } catch (cause) {
      throw unwritable(path, cause);
    }
  }

  /** The absolute paths of what was dropped. @throws OnionferryError ERR_SOURCE if there is nothing */
  async paths(drop: number): Promise<readonly string[]> {
    const place = this.#placeOf(drop);
    return (await readdir(place)).sort().map((name) => join(place, name));
  }

  /** Removes a drop that is not used any more. */
  async remove(drop: number): Promise<void> {
    const place = this.#paths.get(drop);
    if (place === undefined) return;
    this.#paths.delete(drop);
    await rm(place, { recursive: true, force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const folder = await this.#folder?.catch(() => undefined);
    await folder?.remove();
  }

  #placeOf(drop: number): string {
    const place = this.#paths.get(drop);
    if (place !== undefined) return place;
    throw new OnionferryError(
      'ERR_SOURCE',
      'what was dropped is not there any more; drop it again',
    );
  }
}

async function make(parent: string): Promise<LockedFolder> {
  try {
    await makePrivateDirectory(parent);
    const folder = await lockFolder(await mkdtemp(join(parent, 'run-')));
    if (folder === undefined) throw new Error('another program has removed it');
    return folder;
  } catch (cause) {
    throw unwritableData(parent, cause);
  }
}
