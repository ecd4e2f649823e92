import { constants, type Stats } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { OnionferryError } from '../base/errors.js';

/** A PKCS#8 PEM of an ed25519 key has 119 bytes; comments around it may take some. */
const KEY_FILE_BYTES_MAX = 16 * 1024;

/**
 * Reads a key file that nobody else could have read or exchanged.
 *
 * @throws OnionferryError ERR_KEY_MISSING if there is none, ERR_KEY with the reason if it cannot
 *   be trusted
 */
export async function readKeyFile(path: string): Promise<string> {
  const file = await openKeyFile(path);
  try {
    const found = await file.stat();
    const fault = faultOf(found);
    if (fault !== undefined) throw new OnionferryError('ERR_KEY', `the key file ${path} ${fault}`);
    return await file.readFile('utf8');
  } catch (error) {
    throw error instanceof OnionferryError ? error : unreadable(path, error);
  } finally {
    await file.close();
  }
}

async function openKeyFile(path: string): Promise<FileHandle> {
  // Not through a link, and without waiting for the other end of a pipe. Windows knows neither.
  const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants as Partial<typeof constants>;
  try {
    return await open(path, (O_RDONLY ?? 0) | O_NOFOLLOW | O_NONBLOCK);
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** What is wrong, and what helps. */
function faultOf(found: Stats): string | undefined {
  if (!found.isFile()) return 'is not a regular file: move it away, or name another identity';
  if (found.size > KEY_FILE_BYTES_MAX)
    return 'is far too long for a key: it must be something else';
  const uid = process.getuid?.();
  if (uid === undefined) return undefined; // Windows: access is not told by mode bits
  if (found.uid !== uid && found.uid !== 0) {
    return 'belongs to another user, who could exchange it: take it over with chown';
  }
  if ((found.mode & 0o077) !== 0) {
    const mode = (found.mode & 0o777).toString(8).padStart(4, '0');
    return `is open to other users (mode ${mode}), who may have copied it: run chmod 600 on it if you trust them, else make a new key`;
  }
  return undefined;
}

function unreadable(path: string, cause: unknown): OnionferryError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  switch (code) {
    case 'ENOENT':
      return new OnionferryError('ERR_KEY_MISSING', `there is no key file ${path}`, { cause });
    case 'ELOOP':
      return new OnionferryError(
        'ERR_KEY',
        `the key file ${path} is a link: put the key itself there`,
        { cause },
      );
    case 'EACCES':
    case 'EPERM':
      return new OnionferryError(
        'ERR_KEY',
        `the key file ${path} cannot be read: it, or a folder above it, is closed to this user`,
        { cause },
      );
    default:
      return new OnionferryError(
        'ERR_KEY',
        `the key file ${path} cannot be read (${String(code)})`,
        {
          cause,
        },
      );
  }
}
