import { OnionferryError } from '../base/errors.js';
import { systemCode } from '../base/system-error.js';
import { ExposedFile, type Exposure, readPrivateFile } from '../disk/private-file.js';

/** A PKCS#8 PEM of an ed25519 key has 119 bytes; comments around it may take some more. */
const KEY_FILE_BYTES_MAX = 16 * 1024;

/**
 * Reads a key file that nobody else could have read or replaced.
 *
 * @throws OnionferryError ERR_KEY_MISSING if there is none, ERR_KEY with the reason if it cannot
 *   be trusted
 */
export async function readKeyFile(path: string): Promise<string> {
  try {
    return await readPrivateFile(path, KEY_FILE_BYTES_MAX);
  } catch (cause) {
    const code = systemCode(cause);
    if (code === 'ENOENT') {
      throw new OnionferryError('ERR_KEY_MISSING', `there is no key file ${path}`, { cause });
    }
    const fault = cause instanceof ExposedFile ? faultOf(cause.exposure) : faultOfSystem(code);
    throw new OnionferryError('ERR_KEY', `the key file ${path} ${fault}`, { cause });
  }
}

/** What is wrong, and what to do about it. */
function faultOf(exposure: Exposure): string {
  switch (exposure.kind) {
    case 'not-a-file':
      return 'is not a regular file: move it away, or name another identity';
    case 'too-long':
      return 'is far too long for a key: it must be something else';
    case 'of-another-user':
      return 'belongs to another user, who could replace it: take it over with chown';
    case 'open-to-others': {
      const mode = exposure.mode.toString(8).padStart(4, '0');
      return `is open to other users (mode ${mode}), who may have copied it: run chmod 600 on it if you trust them, otherwise make a new key`;
    }
  }
}

function faultOfSystem(code: string | undefined): string {
  switch (code) {
    case 'ELOOP':
      return 'is a link: put the key itself there';
    case 'EACCES':
    case 'EPERM':
      return 'cannot be read: it, or a folder above it, is closed to this user';
    default:
      return `cannot be read (${code ?? 'unknown reason'})`;
  }
}
