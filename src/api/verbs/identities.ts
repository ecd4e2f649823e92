import {
  type ListedIdentity,
  listIdentities as listStored,
  loadIdentity,
  type StoredIdentity,
  storeIdentity,
} from '../../identities/identities.js';
import { decodeIdentityPem, encodeIdentityPem } from '../../onion/pem.js';
import { createSecretFile } from '../create-secret-file.js';
import type { Option, Settings } from '../settings.js';
import { settingsFor } from '../verb-options.js';

/** A stored onion identity, without its key. */
export interface IdentityInfo {
  readonly name: string;
  readonly onion: string;
  /** The key file. */
  readonly path: string;
}

/**
 * @throws OnionferryError ERR_KEY_MISSING, ERR_KEY
 *
 * @example
 * ```ts
 * const { onion } = await showIdentity(withIdentity('work'));
 * ```
 */
export async function showIdentity(
  ...options: readonly Option<'identities'>[]
): Promise<IdentityInfo> {
  const { dataDir, name } = chosen(options);
  return info(await loadIdentity(dataDir, name));
}

/**
 * Creates an identity. @throws OnionferryError ERR_KEY if the name is taken, unless `replace`
 *
 * @example
 * ```ts
 * const { onion } = await newIdentity({ replace: false }, withIdentity('work'));
 * ```
 */
export async function newIdentity(
  { replace }: { replace: boolean },
  ...options: readonly Option<'identities'>[]
): Promise<IdentityInfo> {
  const { dataDir, name } = chosen(options);
  return info(await storeIdentity(dataDir, name, { replace }));
}

/**
 * @returns PKCS#8 PEM, which gives control over the address. @throws OnionferryError ERR_KEY…
 *
 * @example
 * ```ts
 * const pem = await exportIdentity(withIdentity('work'));
 * ```
 */
export async function exportIdentity(...options: readonly Option<'identities'>[]): Promise<string> {
  const { dataDir, name } = chosen(options);
  return encodeIdentityPem((await loadIdentity(dataDir, name)).identity);
}

/**
 * As `exportIdentity`, into a new file for this user alone: all of it, on the disk, or none.
 *
 * @throws OnionferryError ERR_KEY…
 *
 * @example
 * ```ts
 * await exportIdentityTo('work.pem', withIdentity('work'));
 * ```
 */
export async function exportIdentityTo(
  path: string,
  ...options: readonly Option<'identities'>[]
): Promise<void> {
  await createSecretFile(path, await exportIdentity(...options));
}

/**
 * Stores a PKCS#8 PEM under a free name. @throws OnionferryError ERR_KEY
 *
 * @example
 * ```ts
 * const { onion } = await importIdentity(await readFile('work.pem', 'utf8'), withIdentity('work'));
 * ```
 */
export async function importIdentity(
  pem: string,
  ...options: readonly Option<'identities'>[]
): Promise<IdentityInfo> {
  const { dataDir, name } = chosen(options);
  return info(await storeIdentity(dataDir, name, { identity: decodeIdentityPem(pem) }));
}

/**
 * All stored identities; one that cannot be used has the reason instead of its address.
 *
 * @example
 * ```ts
 * for (const { name, ...of } of await listIdentities()) console.log(name, of);
 * ```
 */
export async function listIdentities(
  ...options: readonly Option<'identities'>[]
): Promise<ListedIdentity[]> {
  return await listStored(chosen(options).dataDir);
}

function chosen(options: readonly Option<'identities'>[]): { dataDir: string; name: string } {
  const { dataDir, identity }: Settings = settingsFor('identities', options);
  return { dataDir, name: identity.kind === 'kept' ? identity.name : 'default' };
}

function info({ name, path, identity }: StoredIdentity): IdentityInfo {
  return { name, path, onion: identity.address };
}
