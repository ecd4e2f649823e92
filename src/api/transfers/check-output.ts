import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import path from 'node:path';
import { OnionferryError } from '../../base/errors.js';
import { systemCode } from '../../base/system-error.js';
import { unwritable } from '../../disk/unwritable.js';
import type { Manifest } from '../../stream/manifest.js';
import { assertReceivable } from '../../transfer/destination/destination.js';
import { type Choice, selectFrom } from '../../transfer/destination/selection.js';
import { onlyFile } from '../../transfer/destination/stream-destination.js';
import type { Settings } from '../settings.js';

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

/**
 * Looks whether an offer can be received, as far as that can be known before anybody is asked: nobody
 * is to agree to what must fail.
 *
 * @throws OnionferryError ERR_CONFLICT, ERR_DISK_FULL, ERR_DESTINATION, ERR_HOSTILE_NAME
 */
export async function checkOffer(
  manifest: Manifest,
  choice: Choice,
  { output, conflict, only, outputName: as }: Settings,
): Promise<void> {
  if (output.kind === 'stream') {
    onlyFile(manifest, await selectFrom(manifest, only));
    return;
  }
  const directory = path.resolve(output.directory);
  // Nothing is in the way in a folder that is still to be made.
  const there = await nearestThere(directory).catch((cause: unknown) => {
    throw unwritable(directory, cause);
  });
  await assertReceivable({
    ...{ directory: there, manifest, only, choice, as },
    conflict: there === directory ? conflict : 'rename',
  });
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
