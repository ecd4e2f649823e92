import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OnionferryError } from '../base/errors.js';
import { type FileLock, tryLockFile } from '../disk/file-lock.js';
import { makePrivateDirectory } from '../disk/private-file.js';
import { checkIdentityName, identitiesDirectory } from './identity-path.js';

const HOLDER_CHARACTERS_MAX = 200;

export type IdentityHold =
  | { readonly held: true; release(): Promise<void> }
  | { readonly held: false; readonly holder: string };

/**
 * Takes an identity: two processes that publish one address take it from each other. The kernel
 * releases it when the process ends.
 *
 * @param holder what the second one is told, such as "onionferry send (process 123)"
 * @throws OnionferryError ERR_KEY if the lock cannot be made, ERR_USAGE for an odd name
 */
export async function holdIdentity(
  dataDir: string,
  name: string,
  holder: string,
): Promise<IdentityHold> {
  checkIdentityName(name);
  const path = join(identitiesDirectory(dataDir), `${name}.lock`);
  let lock: FileLock | undefined;
  try {
    await makePrivateDirectory(identitiesDirectory(dataDir));
    lock = await tryLockFile(path);
    if (lock === undefined) return { held: false, holder: await holderIn(path) };
    await writeFile(path, `${holder}\n`, { mode: 0o600 });
  } catch (error) {
    await lock?.release();
    throw new OnionferryError('ERR_KEY', `cannot lock the identity "${name}" by ${path}`, {
      cause: error,
    });
  }
  const { release } = lock;
  return { held: true, release: () => release() };
}

/** What a holder wrote is shown to a person: it must not be able to steer the terminal. */
async function holderIn(path: string): Promise<string> {
  // Windows does not let others read a locked file: then it is nobody in particular.
  const written = await readFile(path, 'utf8').catch(() => '');
  const text = written.replaceAll(/[\p{C}\p{Z}]+/gu, ' ').trim();
  return text === '' ? 'another onionferry' : text.slice(0, HOLDER_CHARACTERS_MAX);
}
