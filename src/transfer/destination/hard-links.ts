import { closeSync, constants, copyFileSync, fsyncSync, linkSync, openSync } from 'node:fs';
import { isUnsupported } from '../../disk/unsupported.js';

/**
 * Gives a staged file another name. Where the file system has no hard links, or no more for this
 * file, it is copied.
 *
 * @throws the system's error
 */
export function linkOrCopy(file: string, name: string): void {
  try {
    linkSync(file, name);
  } catch {
    copyFileSync(file, name, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    // Windows syncs only what is open for writing.
    const fd = openSync(name, 'r+');
    try {
      fsyncSync(fd);
    } catch (error) {
      if (!isUnsupported(error)) throw error;
    } finally {
      closeSync(fd);
    }
  }
}
