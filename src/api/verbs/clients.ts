import {
  addClient as admit,
  removeClient as dismiss,
  forgetClients,
  loadClients,
} from '../../identities/clients.js';
import { loadIdentity } from '../../identities/identities.js';
import {
  createClientKey,
  formatClientKeyFile,
  parseClientPublicKey,
  publicClientKey,
} from '../../onion/client-key.js';
import { createSecretFile } from '../create-secret-file.js';
import { assertGiven } from '../option-values.js';
import type { Option, Settings } from '../settings.js';
import { settingsFor } from '../verb-options.js';

/** Somebody whom the address of an identity lets near. */
export interface ClientInfo {
  readonly name: string;
  /** x25519, 52 characters of base32. */
  readonly publicKey: string;
}

/** A client that was just added. */
export interface AddedClient extends ClientInfo {
  readonly onion: string;
  /** What Tor Browser asks this client for; kept nowhere. Missing if the client made it. */
  readonly clientKey?: string;
  /** The same with the address, for `withClientKey` and tor's `ClientOnionAuthDir`. */
  readonly clientKeyFile?: string;
}

/** How a client comes to its key. */
export interface NewClient {
  /** Of a client that has made its key itself, which nobody else then has. */
  readonly publicKey?: string;
  /** A new file for the key that is made otherwise, for this user alone. */
  readonly keyFile?: string;
}

/**
 * Makes an identity private, and gives a client a key for it: from the next start of its services on,
 * tor lets near nobody without one.
 *
 * @throws OnionferryError ERR_KEY_MISSING without such an identity; ERR_KEY if the name is taken or
 *   a file cannot be written
 *
 * @example
 * ```ts
 * const { clientKeyFile } = await addClient('alice', {}, withIdentity('work'));
 * ```
 */
export async function addClient(
  name: string,
  { publicKey: given, keyFile }: NewClient,
  ...options: readonly Option<'identities'>[]
): Promise<AddedClient> {
  const { dataDir, identity } = chosen(options);
  assertGiven(name, 'the name of the client');
  const onion = (await loadIdentity(dataDir, identity)).identity.address;
  if (given !== undefined) {
    const publicKey = parseClientPublicKey(given);
    await admit(dataDir, identity, { name, publicKey });
    return { name, publicKey, onion };
  }
  const clientKey = createClientKey();
  const publicKey = publicClientKey(clientKey);
  const clientKeyFile = formatClientKeyFile(onion, clientKey);
  await admit(dataDir, identity, { name, publicKey });
  if (keyFile !== undefined) {
    try {
      await createSecretFile(keyFile, `${clientKeyFile}\n`);
    } catch (error) {
      // A client whose key nobody has is of no use.
      await dismiss(dataDir, identity, name);
      throw error;
    }
  }
  return { name, publicKey, onion, clientKey, clientKeyFile };
}

/**
 * The clients of an identity by name; undefined if it is open to everybody.
 *
 * @throws OnionferryError ERR_KEY_MISSING without such an identity; ERR_KEY if one of them cannot be
 *   read
 *
 * @example
 * ```ts
 * for (const { name } of (await listClients(withIdentity('work'))) ?? []) console.log(name);
 * ```
 */
export async function listClients(
  ...options: readonly Option<'identities'>[]
): Promise<readonly ClientInfo[] | undefined> {
  const { dataDir, identity } = chosen(options);
  const found = await loadClients(dataDir, identity);
  // What is not there is not open to everybody.
  if (found === undefined) await loadIdentity(dataDir, identity);
  return found;
}

/**
 * Takes a client's key away, from the next start of the identity's services on. Others keep theirs,
 * and without any left the services do not start.
 *
 * @throws OnionferryError ERR_KEY_MISSING without such a client
 *
 * @example
 * ```ts
 * await removeClient('alice', withIdentity('work'));
 * ```
 */
export async function removeClient(
  name: string,
  ...options: readonly Option<'identities'>[]
): Promise<void> {
  const { dataDir, identity } = chosen(options);
  await dismiss(dataDir, identity, assertGiven(name, 'the name of the client'));
}

/**
 * Forgets all clients of an identity: everybody with its address gets near again.
 *
 * @throws OnionferryError ERR_KEY_MISSING without such an identity; ERR_KEY
 *
 * @example
 * ```ts
 * await removeAllClients(withIdentity('work'));
 * ```
 */
export async function removeAllClients(...options: readonly Option<'identities'>[]): Promise<void> {
  const { dataDir, identity } = chosen(options);
  if ((await loadClients(dataDir, identity)) === undefined) await loadIdentity(dataDir, identity);
  await forgetClients(dataDir, identity);
}

function chosen(options: readonly Option<'identities'>[]): { dataDir: string; identity: string } {
  const { dataDir, identity }: Settings = settingsFor('identities', options);
  return { dataDir, identity: identity.kind === 'kept' ? identity.name : 'default' };
}
