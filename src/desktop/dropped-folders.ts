import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type LockedFolder, lockFolder, removeIfAbandoned } from '../disk/locked-folder.js';
import { makeFolders } from '../disk/make-folders.js';
import { isHarmless, localName } from '../disk/names/local-name.js';
import { makePrivateDirectory } from '../disk/private-file.js';
import { unwritable, unwritableData } from '../disk/unwritable.js';
import { Refusal } from './said.js';

/** In the data directory; each run of the program has a folder in it. */
const DROPPED = 'dropped';
/** Folders within each other; more than anybody has by hand. */
const DEPTH_MAX = 64;
/** Drops that were uploaded, and are not used yet */
const DROPS_MAX = 100;

export interface DroppedPath {
  /** Of what was dropped, which one it belongs to: two may have the same name. Counted from 1 */
  readonly root: number;
  /** With `/` */
  readonly path: string;
}

export interface DroppedFile extends DroppedPath {
  readonly bytes: number;
}

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
      throw new Refusal('ERR_USAGE', ({ refusals }) => refusals.drops);
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
   * @param bytes as the browser knew it when it was dropped
   * @throws OnionferryError ERR_HOSTILE_NAME, ERR_DISK_FULL, ERR_DESTINATION, ERR_SOURCE_CHANGED
   */
  async write(drop: number, { bytes, ...where }: DroppedFile, content: Readable): Promise<void> {
    const target = this.#targetOf(drop, where);
    let written = 0;
    try {
      await makeFolders(dirname(target), 0o700);
      const file = createWriteStream(target, { flags: 'wx', mode: 0o600 });
      await pipeline(content, file);
      written = file.bytesWritten;
    } catch (cause) {
      throw unwritable(where.path, cause);
    }
    if (written === bytes) return;
    throw new Refusal('ERR_SOURCE_CHANGED', ({ refusals }) => refusals.dropChanged(where.path));
  }

  /** Makes a folder of a drop, which may be empty. @throws OnionferryError as `write` */
  async makeFolder(drop: number, where: DroppedPath): Promise<void> {
    const target = this.#targetOf(drop, where);
    await makeFolders(target, 0o700).catch((cause: unknown) => {
      throw unwritable(where.path, cause);
    });
  }

  /**
   * The absolute paths of what was dropped, in its order.
   *
   * @throws OnionferryError ERR_SOURCE if it is not there
   */
  async paths(drop: number): Promise<readonly string[]> {
    const place = this.#placeOf(drop);
    const roots = (await readdir(place)).sort((one, other) => Number(one) - Number(other));
    const names = await Promise.all(roots.map((root) => readdir(join(place, root))));
    return roots.flatMap((root, index) =>
      (names[index] ?? []).map((name) => join(place, root, name)),
    );
  }

  /** A sentence of the library, without where the copies are: their names are those that were dropped. */
  withoutPlace(drop: number, sentence: string): string {
    const place = this.#paths.get(drop);
    if (place === undefined) return sentence;
    const [before = '', ...named] = sentence.split(join(place, '/'));
    return [before, ...named.map((rest) => rest.replace(/^\d+[/\\]/, ''))].join('');
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

  #targetOf(drop: number, { root, path }: DroppedPath): string {
    const place = this.#placeOf(drop);
    const names = path.split('/');
    if (names.length > DEPTH_MAX || !names.every(canBeKept)) {
      throw new Refusal('ERR_HOSTILE_NAME', ({ refusals }) => refusals.dropName(path));
    }
    return join(place, String(root), ...names);
  }

  #placeOf(drop: number): string {
    const place = this.#paths.get(drop);
    if (place !== undefined) return place;
    throw new Refusal('ERR_SOURCE', ({ refusals }) => refusals.dropGone);
  }
}

/** Whether it can be the name of this copy, which is sent as the file itself would be. */
function canBeKept(name: string): boolean {
  const { platform } = process;
  if (!isHarmless(name, platform)) return false;
  return platform !== 'win32' || localName(name, platform) === name;
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
