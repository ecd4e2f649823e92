import { mkdtemp, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { hiddenServiceSecretKey, type Identity } from '../../onion/identity.js';

/** A HiddenServiceDir from which tor serves one identity. */
export interface KeyDirectory {
  readonly path: string;
  remove(): Promise<void>;
}

/** Writes the key where tor looks for it; tor makes its public half and `hostname` from it. */
export async function makeKeyDirectory(parent: string, identity: Identity): Promise<KeyDirectory> {
  const path = await mkdtemp(join(parent, 'service-'));
  const remove = async (): Promise<void> => {
    await rm(path, { recursive: true, force: true, maxRetries: 3 });
  };
  try {
    const file = await open(join(path, 'hs_ed25519_secret_key'), 'wx', 0o600);
    try {
      await file.writeFile(hiddenServiceSecretKey(identity));
    } finally {
      await file.close();
    }
  } catch (error) {
    await remove();
    throw error;
  }
  return { path, remove };
}
