import { dirname } from 'node:path';
import { makeFolders } from '../disk/make-folders.js';
import { replaceFile } from '../disk/private-file.js';
import { unwritableData } from '../disk/unwritable.js';

/**
 * Replaces a file of the data directory, which is made if it is missing, as a whole.
 *
 * @throws OnionferryError ERR_DATA_DIRECTORY
 */
export async function replaceDataFile(path: string, text: string): Promise<void> {
  try {
    await makeFolders(dirname(path), 0o700);
    await replaceFile(path, text);
  } catch (cause) {
    throw unwritableData(path, cause);
  }
}
