import { readdir } from 'node:fs/promises';
import { hasCode, OnionferryError } from '../base/errors.js';
import { systemCode } from '../base/system-error.js';
import { createFile, makePrivateDirectory, replaceFile } from '../disk/private-file.js';
import type { OnionAddress } from '../onion/address.js';
import { createIdentity, type Identity } from '../onion/identity.js';
import { decodeIdentityPem, encodeIdentityPem } from '../onion/pem.js';
import { identitiesDirectory, identityPath, isIdentityName, KEY_SUFFIX } from './identity-path.js';
import { readKeyFile } from './key-file.js';

/** An identity in `<dataDir>/identities/<name>.pem`. */
export interface StoredIdentity {
  readonly name: string;
  readonly path: string;
  readonly identity: Identity;
}

/**
 * @throws OnionferryError ERR_KEY_MISSING if there is no such identity; ERR_KEY if its file is
 *   broken, cannot be read, or could be read or replaced by others; ERR_USAGE for an odd name
 */
export async function loadIdentity(dataDir: string, name: string): Promise<StoredIdentity> {
  const path = identityPath(dataDir, name);
  const pem = await readKeyFile(path);
  try {
    return { name, path, identity: decodeIdentityPem(pem) };
  } catch (error) {
    if (!hasCode(error, 'ERR_KEY')) throw error;
    throw new OnionferryError('ERR_KEY', `${path}: ${error.message}`, { cause: error });
  }
}

/** @throws as importIdentity does */
export async function createStoredIdentity(dataDir: string, name: string): Promise<StoredIdentity> {
  return await store(dataDir, name, createIdentity());
}

/**
 * Puts a new key under `name`, in one step. A key that was there is gone, and its address with it.
 *
 * @throws OnionferryError ERR_KEY if it cannot be written; ERR_USAGE for an odd name
 */
export async function replaceIdentity(dataDir: string, name: string): Promise<StoredIdentity> {
  return await store(dataDir, name, createIdentity(), replaceFile);
}

/**
 * Keeps a key from elsewhere under `name`.
 *
 * @throws OnionferryError ERR_KEY if `pem` is no key, if the name is taken or if it cannot be
 *   written; ERR_USAGE for an odd name
 */
export async function importIdentity(
  dataDir: string,
  name: string,
  pem: string,
): Promise<StoredIdentity> {
  return await store(dataDir, name, decodeIdentityPem(pem));
}

/** The key as PKCS#8 PEM: anyone who has it can publish this address. @throws as loadIdentity does */
export async function exportIdentity(dataDir: string, name: string): Promise<string> {
  return encodeIdentityPem((await loadIdentity(dataDir, name)).identity);
}

/** One entry of the list; a key that cannot be used says why, and hides none of the others. */
export type ListedIdentity =
  | { readonly name: string; readonly path: string; readonly onion: OnionAddress }
  | { readonly name: string; readonly path: string; readonly error: OnionferryError };

/** All identities by name. @throws OnionferryError ERR_KEY if the directory cannot be read */
export async function listIdentities(dataDir: string): Promise<ListedIdentity[]> {
  const names = (await namesIn(identitiesDirectory(dataDir))).filter(isIdentityName).sort();
  return await Promise.all(names.map((name) => listed(dataDir, name)));
}

async function listed(dataDir: string, name: string): Promise<ListedIdentity> {
  const path = identityPath(dataDir, name);
  try {
    return { name, path, onion: (await loadIdentity(dataDir, name)).identity.address };
  } catch (error) {
    if (error instanceof OnionferryError) return { name, path, error };
    throw error;
  }
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    const entries = await readdir(directory);
    return entries
      .filter((entry) => entry.endsWith(KEY_SUFFIX))
      .map((entry) => entry.slice(0, -KEY_SUFFIX.length));
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw new OnionferryError('ERR_KEY', `cannot read the folder ${directory}`, { cause: error });
  }
}

async function store(
  dataDir: string,
  name: string,
  identity: Identity,
  write: typeof createFile = createFile,
): Promise<StoredIdentity> {
  const path = identityPath(dataDir, name);
  try {
    await makePrivateDirectory(identitiesDirectory(dataDir));
    await write(path, encodeIdentityPem(identity));
  } catch (error) {
    const isTaken = systemCode(error) === 'EEXIST';
    throw new OnionferryError(
      'ERR_KEY',
      isTaken
        ? `the identity "${name}" exists already (${path}): choose another name, or move that file away`
        : `cannot write the key file ${path}: ${error instanceof Error ? error.message : 'unknown'}`,
      { cause: error },
    );
  }
  return { name, path, identity };
}
