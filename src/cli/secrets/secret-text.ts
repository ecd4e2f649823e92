import { open } from 'node:fs/promises';
import { usageError } from '../../api/options.js';
import { fromUtf8 } from '../../base/bytes.js';
import { systemCode } from '../../base/system-error.js';

/** Longer than any password, invitation or key: a larger file is the wrong file. */
export const SECRET_MAX_BYTES = 4096;

/**
 * The text of a secret, without the line feed at its end.
 *
 * @param what names it in errors: "the password"
 * @throws OnionferryError ERR_USAGE if it is empty, too long or not text
 */
export function secretText(bytes: Uint8Array, what: string): string {
  if (bytes.length > SECRET_MAX_BYTES) {
    throw usageError(`${what} is longer than ${SECRET_MAX_BYTES} bytes; is it the right file?`);
  }
  let text: string;
  try {
    text = fromUtf8(bytes).replace(/\r?\n$/, '');
  } catch {
    throw usageError(`${what} is not UTF-8 text; is it the right file?`);
  }
  if (text.trim() === '') throw usageError(`${what} is empty`);
  return text;
}

/**
 * Reads a secret from a file, or from a pipe such as `<(…)`.
 *
 * @throws OnionferryError ERR_USAGE naming the file
 */
export async function readSecretFile(path: string, what: string): Promise<string> {
  const bytes = new Uint8Array(SECRET_MAX_BYTES + 1);
  let length = 0;
  try {
    await using file = await open(path, 'r');
    while (length < bytes.length) {
      const { bytesRead } = await file.read(bytes, length, bytes.length - length, null);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
  } catch (cause) {
    throw usageError(`cannot read ${what} from ${path}: ${reasonOf(cause)}`, { cause });
  }
  return secretText(bytes.subarray(0, length), `${what} in ${path}`);
}

function reasonOf(cause: unknown): string {
  const code = systemCode(cause);
  switch (code) {
    case 'ENOENT':
      return 'no such file';
    case 'EACCES':
    case 'EPERM':
      return 'permission denied';
    case 'EISDIR':
      return 'it is a folder';
    default:
      return code ?? 'unknown reason';
  }
}
