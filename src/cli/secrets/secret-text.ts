import { open } from 'node:fs/promises';
import { fromUtf8 } from '../../base/bytes.js';
import { OnionferryError } from '../../base/errors.js';

/** Longer than any password, invitation or key; whoever names a larger file means another. */
export const SECRET_MAX_BYTES = 4096;

/**
 * The text of a secret without the line feed at its end.
 *
 * @param what it is, as a sentence begins: "the password"
 * @throws OnionferryError ERR_USAGE if it is empty, too long or no text
 */
export function secretText(bytes: Uint8Array, what: string): string {
  if (bytes.length > SECRET_MAX_BYTES) {
    throw usage(`${what} is longer than ${SECRET_MAX_BYTES} bytes; is it the right file?`);
  }
  let text: string;
  try {
    text = fromUtf8(bytes).replace(/\r?\n$/, '');
  } catch {
    throw usage(`${what} is no text in UTF-8; is it the right file?`);
  }
  if (text.trim() === '') throw usage(`${what} is empty`);
  return text;
}

/**
 * Reads a file of a secret; a pipe as of `<(…)` does too.
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
    throw usage(`${what} cannot be read from ${path} (${reasonOf(cause)})`, cause);
  }
  return secretText(bytes.subarray(0, length), `${what} in ${path}`);
}

function reasonOf(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  switch (code) {
    case 'ENOENT':
      return 'there is no such file';
    case 'EACCES':
    case 'EPERM':
      return 'permission denied';
    case 'EISDIR':
      return 'it is a folder';
    default:
      return typeof code === 'string' ? code : 'unknown reason';
  }
}

function usage(message: string, cause?: unknown): OnionferryError {
  return new OnionferryError('ERR_USAGE', message, { cause });
}
