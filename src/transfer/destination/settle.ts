import type { Stats } from 'node:fs';
import { link, lstat, mkdir, readdir, rename, unlink } from 'node:fs/promises';
import path from 'node:path';
import { OnionferryError } from '../../base/errors.js';
import { type LocalEntry, withSuffix } from './local-path.js';
import { unwritable } from './unwritable.js';

/** What to do with a name that is taken. */
export type Conflict = 'rename' | 'overwrite' | 'skip' | 'fail';

/** Numbers tried behind a taken name before giving up. */
const RENAMES_MAX = 10_000;

/** The first entry that would meet a file, or a folder meeting anything but a folder. */
export async function firstConflict(
  directory: string,
  entries: readonly LocalEntry[],
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
 * Moves a staged tree to its final place.
 *
 * `rename` gives each taken top-level name a number; the other policies merge into folders that
 * exist. A link at the target is never followed: it counts as a file. `overwrite` replaces files by
 * files alone, and numbers what meets something of the other kind.
 *
 * @returns final paths by index in `entries`, relative to `directory`, with '/'; none for skipped
 * @throws OnionferryError ERR_CONFLICT (policy `fail`), ERR_DESTINATION
 */
export async function settle(
  staging: string,
  directory: string,
  entries: readonly LocalEntry[],
  conflict: Conflict,
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
        throw new OnionferryError('ERR_CONFLICT', `${target} came into being meanwhile`);
      }
      // A file never takes a folder's place, with all that is in it, nor a folder a file's.
      if (conflict === 'overwrite' && !isFolder && existing?.isDirectory() !== true) {
        // Replaces without a moment in between.
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
    for (let n = 1; n <= RENAMES_MAX; n++) {
      const numbered = [...to.slice(0, -1), withSuffix(to.at(-1) ?? '', ` (${n})`)];
      if (await moveIfFree(source, path.join(directory, ...numbered), isFolder)) {
        finalPaths.set(from.join('/'), numbered.join('/'));
        return;
      }
    }
    throw new OnionferryError('ERR_CONFLICT', `every name like ${to.join('/')} is taken`);
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

/** Moves without ever replacing what has come into being in between. */
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
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EEXIST') return false;
    if (isFolder || (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EOPNOTSUPP')) throw error;
    // A file system without hard links.
    if ((await statOf(target)) !== undefined) return false;
    await rename(source, target);
    return true;
  }
}

async function statOf(target: string): Promise<Stats | undefined> {
  try {
    return await lstat(target);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}
