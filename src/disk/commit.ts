import type { Stats } from 'node:fs';
import { link, lstat, mkdir, open, readdir, rename, unlink } from 'node:fs/promises';
import path from 'node:path';
import { OnionferryError } from '../base/errors.js';
import { systemCode } from '../base/system-error.js';
import { freeNumber } from './names/free-number.js';
import { withSuffix } from './names/local-name.js';
import { unwritable } from './unwritable.js';

/** What to do with a name that is taken. */
export type Conflict = 'rename' | 'overwrite' | 'skip' | 'fail';

/** Numbers that somebody else may take, each between our looking and our taking it. */
const RENAMES_MAX = 10_000;

/**
 * By path, the number to try next behind it. Kept while one folder is written to, it saves the
 * search.
 */
export type NextNumbers = Map<string, number>;

/** The first entry whose name is taken, other than a folder by a folder. */
export async function firstConflict(
  directory: string,
  entries: readonly {
    readonly entry: { readonly type: string };
    readonly path: readonly string[];
  }[],
): Promise<string | undefined> {
  for (const { entry, path: names } of entries) {
    const target = path.join(directory, ...names);
    const existing = await statOf(target);
    if (existing !== undefined && !(entry.type === 'folder' && existing.isDirectory())) {
      return target;
    }
  }
  return undefined;
}

/**
 * Moves a staged tree to its final names.
 *
 * `rename` gives each taken top-level name a number; the other policies merge into folders that
 * exist. A link at the target is never followed: it counts as a file. `overwrite` replaces files by
 * files only, and numbers what meets something of the other kind.
 *
 * @returns final paths by index in `entries`, relative to `directory`, with '/'; none for skipped
 * @throws OnionferryError ERR_CONFLICT (policy `fail`), ERR_DESTINATION, ERR_DISK_FULL
 */
export async function commit(
  staging: string,
  directory: string,
  entries: readonly { readonly path: readonly string[] }[],
  conflict: Conflict,
  numbers: NextNumbers = new Map(),
): Promise<Map<number, string>> {
  const finalPaths = new Map<string, string>();
  for (const name of await readdir(staging)) {
    await move([name], [name]);
  }
  return new Map(
    entries.flatMap(({ path: names }, index) => {
      const moved = movedPath(finalPaths, names);
      return moved === undefined ? [] : [[index, moved] as const];
    }),
  );

  async function move(from: readonly string[], to: readonly string[]): Promise<void> {
    const source = path.join(staging, ...from);
    const target = path.join(directory, ...to);
    try {
      const isFolder = (await lstat(source)).isDirectory();
      if (await moveIfFree(source, target, isFolder)) {
        finalPaths.set(from.join('/'), to.join('/'));
        return;
      }
      const existing = await statOf(target);
      if (conflict !== 'rename' && isFolder && existing?.isDirectory() === true) {
        for (const name of await readdir(source)) await move([...from, name], [...to, name]);
        return;
      }
      if (conflict === 'skip') return;
      if (conflict === 'fail') {
        throw new OnionferryError('ERR_CONFLICT', `${target} was made by somebody else meanwhile`);
      }
      // A file never takes a folder's place, with all that is in it, nor a folder a file's.
      if (conflict === 'overwrite' && !isFolder && existing?.isDirectory() !== true) {
        // Replaces in one step.
        await rename(source, target);
        finalPaths.set(from.join('/'), to.join('/'));
        return;
      }
      await moveNumbered(source, from, to, isFolder);
    } catch (cause) {
      throw unwritable(target, cause);
    }
  }

  async function moveNumbered(
    source: string,
    from: readonly string[],
    to: readonly string[],
    isFolder: boolean,
  ): Promise<void> {
    const wanted = to.join('/');
    const numbered = (n: number): string[] => [
      ...to.slice(0, -1),
      withSuffix(to.at(-1) ?? '', ` (${n})`),
    ];
    if (!numbers.has(wanted)) {
      const isTaken = async (n: number): Promise<boolean> =>
        (await statOf(path.join(directory, ...numbered(n)))) !== undefined;
      const free = await freeNumber(isTaken);
      numbers.set(wanted, Math.max(free, numbers.get(wanted) ?? 0));
    }
    for (let tries = 0; tries < RENAMES_MAX; tries++) {
      const n = numbers.get(wanted) ?? 1;
      // Before anything is awaited: another caller tries the next one.
      numbers.set(wanted, n + 1);
      if (await moveIfFree(source, path.join(directory, ...numbered(n)), isFolder)) {
        finalPaths.set(from.join('/'), numbered(n).join('/'));
        return;
      }
    }
    throw new OnionferryError('ERR_CONFLICT', `every name like ${wanted} is taken`);
  }
}

/** The final path of an entry: its own, or that of the nearest folder which was moved whole. */
function movedPath(
  finalPaths: ReadonlyMap<string, string>,
  names: readonly string[],
): string | undefined {
  for (let depth = names.length; depth > 0; depth--) {
    const moved = finalPaths.get(names.slice(0, depth).join('/'));
    if (moved !== undefined) return [moved, ...names.slice(depth)].join('/');
  }
  return undefined;
}

/** Moves without ever replacing what somebody else made in between. */
async function moveIfFree(source: string, target: string, isFolder: boolean): Promise<boolean> {
  try {
    if (isFolder) {
      // mkdir claims the name; rename() replaces an empty folder of our own.
      await mkdir(target);
      await rename(source, target);
    } else {
      await link(source, target);
      await unlink(source);
    }
    return true;
  } catch (error) {
    const code = systemCode(error);
    if (code === 'EEXIST') return false;
    if (isFolder || (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EOPNOTSUPP')) throw error;
    return await claimThenRename(source, target);
  }
}

/** For a file system without hard links: an empty file claims the name, and is replaced. */
async function claimThenRename(source: string, target: string): Promise<boolean> {
  try {
    await (await open(target, 'wx', 0o600)).close();
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  }
  await rename(source, target);
  return true;
}

async function statOf(target: string): Promise<Stats | undefined> {
  try {
    return await lstat(target);
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}
