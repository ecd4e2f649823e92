import { join } from 'node:path';
import { OnionferryError } from '../../base/errors.js';
import { tryLockFile } from '../../disk/file-lock.js';
import { makePrivateDirectory } from '../../disk/private-file.js';
import { unwritableData } from '../../disk/unwritable.js';

/** More tors than this at once on one machine are a mistake. */
const DIRECTORIES_MAX = 64;

/** tor's own directory. It keeps its guards from run to run; of several tors each has its own. */
export interface DataDirectory {
  readonly path: string;
  /** tor inherits it: the directory stays locked as long as tor runs, even without us. */
  readonly lockFd: number;
  readonly release: () => Promise<void>;
}

/**
 * Takes the first free of `<dataDir>/tor/0`, `1`, …
 *
 * @throws OnionferryError ERR_TOR_START if there is none
 */
export async function takeDataDirectory(dataDir: string): Promise<DataDirectory> {
  const parent = join(dataDir, 'tor');
  try {
    await makePrivateDirectory(parent);
    for (let number = 0; number < DIRECTORIES_MAX; number++) {
      const path = join(parent, String(number));
      const lock = await tryLockFile(`${path}.lock`);
      if (lock === undefined) continue;
      try {
        await makePrivateDirectory(path);
      } catch (error) {
        await lock.release();
        throw error;
      }
      return { path, lockFd: lock.fd, release: lock.release };
    }
  } catch (error) {
    const { message } = unwritableData(parent, error);
    throw new OnionferryError('ERR_TOR_START', `tor has no place for its files: it ${message}`, {
      cause: error,
    });
  }
  throw new OnionferryError(
    'ERR_TOR_START',
    `${String(DIRECTORIES_MAX)} tors are running from ${parent} already`,
  );
}
