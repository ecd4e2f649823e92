import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from '../base/system-error.js';
import { tryLockFile } from './file-lock.js';
import { removeAtExit } from './remove-at-exit.js';

const LOCK = 'lock';

/** A folder of this process, held by a lock in it: if the process is killed, others remove it. */
export interface LockedFolder {
  readonly path: string;
  /** Removes it with everything in it. */
  readonly remove: () => Promise<void>;
}

/**
 * Locks a folder that was just made, and removes it at the latest when this process exits.
 *
 * @returns undefined if somebody took it for an abandoned one, which is gone by now
 * @throws the system's error
 */
export async function lockFolder(path: string): Promise<LockedFolder | undefined> {
  const forget = removeAtExit(path);
  const lockPath = join(path, LOCK);
  try {
    const lock = await tryLockFile(lockPath);
    const remove = async (): Promise<void> => {
      // FUSE and NFS keep a removed file in its folder, under another name, for as long as it is open.
      await rm(path, { recursive: true, force: true }).catch(() => undefined);
      await lock?.release();
      await rm(path, { recursive: true, force: true, maxRetries: 3 });
      forget();
    };
    let removed: Promise<void> | undefined;
    // A lock without a name is that of a folder which was removed in between.
    if (lock !== undefined && (await isThere(lockPath))) {
      return { path, remove: () => (removed ??= remove()) };
    }
    await remove();
    return undefined;
  } catch (error) {
    forget();
    if (await isThere(path)) throw error;
    return undefined;
  }
}

/**
 * Removes a locked folder whose process has ended.
 *
 * @throws the system's error, such as ENOENT if there is no lock in it
 */
export async function removeIfAbandoned(path: string): Promise<void> {
  await using lock = await tryLockFile(join(path, LOCK), { create: false });
  if (lock !== undefined) await rm(path, { recursive: true, force: true });
}

/** Whether a locked folder's process has ended, or the folder is gone. Removes nothing. */
export async function isAbandoned(path: string): Promise<boolean> {
  try {
    await using lock = await tryLockFile(join(path, LOCK), { create: false });
    return lock !== undefined;
  } catch (error) {
    // What cannot be looked into is somebody else's, and in use for all that is known.
    return systemCode(error) === 'ENOENT';
  }
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
