import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import path from 'node:path';
import { OnionferryError } from '../../base/errors.js';
import { systemCode } from '../../base/system-error.js';
import { unwritable } from '../../disk/unwritable.js';
import type { Settings } from '../options.js';

/**
 * Looks whether what is received can be written, as far as that can be known before anything is
 * offered: nobody is to be met, and no Tor started, for what must fail. Creates nothing.
 *
 * @throws OnionferryError ERR_DESTINATION
 */
export async function checkOutput({ output }: Settings): Promise<void> {
  if (output.kind === 'stream') {
    const { writable, errored } = output.stream;
    if (!writable) throw unwritable('standard output', errored ?? new Error('it was closed'));
    return;
  }
  const directory = path.resolve(output.directory);
  try {
    const there = await nearestThere(directory);
    if (!(await stat(there)).isDirectory()) {
      throw new OnionferryError(
        'ERR_DESTINATION',
        `cannot write ${directory}: ${there === directory ? 'it' : there} is not a folder`,
      );
    }
    await access(there, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw unwritable(directory, cause);
  }
}

/** The folder itself, or the one in which its missing parents will be created. */
async function nearestThere(directory: string): Promise<string> {
  for (let at = directory; ; at = path.dirname(at)) {
    try {
      await stat(at);
      return at;
    } catch (error) {
      // The root is always there.
      const isMissing = ['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '');
      if (!isMissing || at === path.dirname(at)) throw error;
    }
  }
}
