import { OnionferryError } from '../base/errors.js';
import { systemCode } from '../base/system-error.js';
import { createFile } from '../disk/private-file.js';

/** Writes a new file for this user alone. @throws OnionferryError ERR_KEY */
export async function createSecretFile(path: string, secret: string): Promise<void> {
  try {
    await createFile(path, secret);
  } catch (cause) {
    throw new OnionferryError(
      'ERR_KEY',
      systemCode(cause) === 'EEXIST'
        ? `${path} already exists; choose another file`
        : `cannot write the key to ${path}`,
      { cause },
    );
  }
}
