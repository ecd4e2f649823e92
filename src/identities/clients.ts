import { readdir, rm, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { OnionferryError } from '../base/errors.js';
import { systemCode } from '../base/system-error.js';
import { createFile, makePrivateDirectory, readPrivateFile } from '../disk/private-file.js';
import { syncNames } from '../disk/sync-folder.js';
import {
  CLIENTS_MAX,
  type ClientPublicKey,
  formatAuthorizedClient,
  parseAuthorizedClient,
} from '../onion/client-key.js';
import { checkIdentityName, identitiesDirectory, isIdentityName } from './identity-path.js';

/*
 * Whom the onion service of an identity admits: `<dataDir>/identities/<name>.clients/<client>.auth`,
 * each a line as in tor's `authorized_clients`. While that folder is there the identity is private,
 * also with nobody in it: to remove the last client does not open it to everybody.
 */

/** Somebody with a key for the address of an identity. */
export interface StoredClient {
  readonly name: string;
  /** The secret key that belongs to it is kept nowhere. */
  readonly publicKey: ClientPublicKey;
}

const SUFFIX = '.auth';
/** A line has 70 bytes. */
const FILE_BYTES_MAX = 1024;

/**
 * The clients of an identity by name; undefined if it is not private.
 *
 * @throws OnionferryError ERR_KEY if they cannot be read, all of them: whoever may not be admitted is
 *   not known then; ERR_USAGE for an odd name
 */
export async function loadClients(
  dataDir: string,
  identity: string,
): Promise<readonly StoredClient[] | undefined> {
  const folder = clientsDirectory(dataDir, identity);
  let entries: string[];
  try {
    entries = await readdir(folder);
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return undefined;
    throw new OnionferryError('ERR_KEY', `cannot read the folder ${folder}`, { cause });
  }
  const names = entries
    .filter((entry) => entry.endsWith(SUFFIX))
    .map((entry) => entry.slice(0, -SUFFIX.length))
    .filter(isIdentityName)
    .sort();
  return await Promise.all(names.map((name) => readClient(folder, name)));
}

/**
 * Admits a client from the next start of the service on, which admits nobody else any more.
 *
 * @throws OnionferryError ERR_KEY if the name is taken, there are too many or it cannot be written;
 *   ERR_USAGE for an odd name
 */
export async function addClient(
  dataDir: string,
  identity: string,
  { name, publicKey }: StoredClient,
): Promise<void> {
  const folder = clientsDirectory(dataDir, identity);
  const path = clientPath(folder, name);
  if (((await loadClients(dataDir, identity))?.length ?? 0) >= CLIENTS_MAX) {
    throw new OnionferryError(
      'ERR_KEY',
      `the identity "${identity}" has ${String(CLIENTS_MAX)} clients, the most that one address can have; remove one first`,
    );
  }
  try {
    await makePrivateDirectory(folder);
    await createFile(path, `${formatAuthorizedClient(publicKey)}\n`);
  } catch (cause) {
    const isTaken = systemCode(cause) === 'EEXIST';
    throw new OnionferryError(
      'ERR_KEY',
      isTaken
        ? `the identity "${identity}" has a client "${name}" already: choose another name, or remove it first`
        : `cannot write the client's file ${path}`,
      { cause },
    );
  }
}

/**
 * Admits a client no longer, from the next start of the service on.
 *
 * @throws OnionferryError ERR_KEY_MISSING if there is no such client, ERR_KEY if its file stays
 */
export async function removeClient(dataDir: string, identity: string, name: string): Promise<void> {
  const folder = clientsDirectory(dataDir, identity);
  const path = clientPath(folder, name);
  try {
    await unlink(path);
    await syncNames(folder);
  } catch (cause) {
    if (systemCode(cause) !== 'ENOENT') {
      throw new OnionferryError('ERR_KEY', `cannot remove ${path}`, { cause });
    }
    throw new OnionferryError(
      'ERR_KEY_MISSING',
      `the identity "${identity}" has no client "${name}"`,
      { cause },
    );
  }
}

/** Forgets all clients: the address is open to everybody again. @throws OnionferryError ERR_KEY */
export async function forgetClients(dataDir: string, identity: string): Promise<void> {
  const folder = clientsDirectory(dataDir, identity);
  try {
    await rm(folder, { recursive: true, force: true });
  } catch (cause) {
    throw new OnionferryError('ERR_KEY', `cannot remove ${folder}`, { cause });
  }
}

async function readClient(folder: string, name: string): Promise<StoredClient> {
  const path = clientPath(folder, name);
  try {
    return { name, publicKey: parseAuthorizedClient(await readPrivateFile(path, FILE_BYTES_MAX)) };
  } catch (cause) {
    // Without the cause's words, which are about a key that somebody holds.
    throw new OnionferryError(
      'ERR_KEY',
      `the client's file ${path} is damaged, or others could have changed it: remove that client and add it again`,
      { cause },
    );
  }
}

function clientsDirectory(dataDir: string, identity: string): string {
  checkIdentityName(identity);
  return join(identitiesDirectory(dataDir), `${identity}.clients`);
}

function clientPath(folder: string, name: string): string {
  if (isIdentityName(name)) return join(folder, `${name}${SUFFIX}`);
  throw new OnionferryError(
    'ERR_USAGE',
    `${JSON.stringify(name.slice(0, 128))} cannot name a client: use letters, digits, "-", "_" and ".", not "." or "-" first`,
  );
}
