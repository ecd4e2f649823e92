import { readdir } from 'node:fs/promises';
import { hasCode, OnionferryError } from '../base/errors.js';
import { systemCode } from '../base/system-error.js';
import {
  createFile,
  ExposedFile,
  type Exposure,
  makePrivateDirectory,
  readPrivateFile,
  replaceFile,
} from '../disk/private-file.js';
import type { OnionAddress } from '../onion/address.js';
import { createIdentity, type Identity } from '../onion/identity.js';
import { decodeIdentityPem, encodeIdentityPem } from '../onion/pem.js';
import { identitiesDirectory, identityPath, isIdentityName, KEY_SUFFIX } from './identity-path.js';

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

export interface StoreOptions {
  /** A key from elsewhere; default: a new one */
  readonly identity?: Identity;
  /** Replaces a key of this name in one step; its address is lost then. */
  readonly replace?: boolean;
}

/**
 * Keeps a key under `name`.
 *
 * @throws OnionferryError ERR_KEY if the name is taken or the key cannot be written; ERR_USAGE for
 *   an odd name
 */
export async function storeIdentity(
  dataDir: string,
  name: string,
  { identity = createIdentity(), replace = false }: StoreOptions = {},
): Promise<StoredIdentity> {
  const path = identityPath(dataDir, name);
  try {
    await makePrivateDirectory(identitiesDirectory(dataDir));
    await (replace ? replaceFile : createFile)(path, encodeIdentityPem(identity));
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

/** One entry of the list; a key that cannot be used says why, and hides none of the others. */
export type ListedIdentity =
  | { readonly name: string; readonly path: string; readonly onion: OnionAddress }
  | { readonly name: string; readonly path: string; readonly error: string };

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
    if (error instanceof OnionferryError) return { name, path, error: error.message };
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

/** A PKCS#8 PEM of an ed25519 key has 119 bytes; comments around it may take some more. */
const KEY_FILE_BYTES_MAX = 16 * 1024;

/**
 * Reads a key file that nobody else could have read or replaced.
 *
 * @throws OnionferryError ERR_KEY_MISSING if there is none, ERR_KEY with the reason if it cannot
 *   be trusted
 */
async function readKeyFile(path: string): Promise<string> {
  try {
    return await readPrivateFile(path, KEY_FILE_BYTES_MAX);
  } catch (cause) {
    const code = systemCode(cause);
    if (code === 'ENOENT') {
      throw new OnionferryError('ERR_KEY_MISSING', `there is no key file ${path}`, { cause });
    }
    const fault = cause instanceof ExposedFile ? faultOf(cause.exposure) : faultOfSystem(code);
    throw new OnionferryError('ERR_KEY', `the key file ${path} ${fault}`, { cause });
  }
}

/** What is wrong, and what to do about it. */
function faultOf(exposure: Exposure): string {
  switch (exposure.kind) {
    case 'not-a-file':
      return 'is not a regular file: move it away, or name another identity';
    case 'too-long':
      return 'is far too long for a key: it must be something else';
    case 'of-another-user':
      return 'belongs to another user, who could replace it: take it over with chown';
    case 'open-to-others': {
      const mode = exposure.mode.toString(8).padStart(4, '0');
      return `is open to other users (mode ${mode}), who may have copied it: run chmod 600 on it if you trust them, otherwise make a new key`;
    }
  }
}

function faultOfSystem(code: string | undefined): string {
  switch (code) {
    case 'ELOOP':
      return 'is a link: put the key itself there';
    case 'EACCES':
    case 'EPERM':
      return 'cannot be read: it, or a folder above it, is closed to this user';
    default:
      return `cannot be read (${code ?? 'unknown reason'})`;
  }
}
