import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { open, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { unwritable } from './unwritable.js';

/** Half of the longest string there is; a content of half a million files takes some 150 MB. */
const FILE_BYTES_MAX: number = 256 * 1024 * 1024;
/** Not through a link, and without waiting for the other end of a pipe. (Windows knows neither.) */
const READ_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Puts `content` under `path`, mode 0600, where nothing was before, and on the disk. The name is
 * there only when the folder is as well, such as by `replaceFile`.
 *
 * @throws OnionferryError ERR_DESTINATION
 */
export async function createFile(path: string, content: string): Promise<void> {
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw unwritable(path, cause);
  }
}

/**
 * Puts `content` under `path`, mode 0600, all of it or what was there before, also when the machine
 * loses its power.
 *
 * @throws OnionferryError ERR_DESTINATION
 */
export async function replaceFile(path: string, content: string): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await createFile(temporary, content);
    await rename(temporary, path);
  } catch (cause) {
    await unlink(temporary).catch(() => undefined);
    throw unwritable(path, cause);
  }
  // Without it the name may be lost with the power. Not every system can.
  const directory = await open(dirname(path), 'r').catch(() => undefined);
  await directory?.sync().catch(() => undefined);
  await directory?.close();
}

/** @throws Error with the reason, if there is none or others could have read or written it */
export async function readPrivateFile(path: string): Promise<string> {
  const file = await open(path, READ_FLAGS);
  try {
    const found = await file.stat();
    const { size, mode, uid } = found;
    if (!found.isFile()) throw new Error('it is not a regular file');
    if (size > FILE_BYTES_MAX) throw new Error('it is too long');
    const own = process.getuid?.();
    if (own !== undefined && uid !== own) throw new Error('it belongs to another user');
    if (own !== undefined && (mode & 0o077) !== 0) throw new Error('it is open to other users');
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}
