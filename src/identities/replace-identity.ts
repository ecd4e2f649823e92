import { randomBytes } from 'node:crypto';
import { rename } from 'node:fs/promises';
import { OnionferryError } from '../base/errors.js';
import { createStoredIdentity, type StoredIdentity } from './identities.js';
import { identityPath } from './identity-path.js';

/**
 * Puts a new key under `name`, in one step. A key that stood there is gone, and its address with it.
 *
 * @throws OnionferryError ERR_KEY if it cannot be written; ERR_USAGE for an odd name
 */
export async function replaceIdentity(dataDir: string, name: string): Promise<StoredIdentity> {
  const path = identityPath(dataDir, name);
  const fresh = await createStoredIdentity(dataDir, `new-${randomBytes(6).toString('hex')}`);
  try {
    await rename(fresh.path, path);
  } catch (cause) {
    throw new OnionferryError('ERR_KEY', `cannot replace the key file ${path}`, { cause });
  }
  return { name, path, identity: fresh.identity };
}
