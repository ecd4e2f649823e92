import {
  createStoredIdentity,
  exportIdentity as exportStored,
  importIdentity as importStored,
  listIdentities as listStored,
  loadIdentity,
  replaceIdentity,
  type StoredIdentity,
} from '../../identities/identities.js';
import { applyOptions, type Option, type Settings } from '../options.js';

/** A stored onion identity, without its key. */
export interface IdentityInfo {
  readonly name: string;
  readonly onion: string;
  /** The key file. */
  readonly path: string;
}

/** @throws OnionferryError ERR_KEY_MISSING, ERR_KEY */
export async function showIdentity(...options: readonly Option[]): Promise<IdentityInfo> {
  const { dataDir, name } = chosen(options);
  return info(await loadIdentity(dataDir, name));
}

/** Creates an identity. @throws OnionferryError ERR_KEY if the name is taken, unless `replace` */
export async function newIdentity(
  { replace }: { replace: boolean },
  ...options: readonly Option[]
): Promise<IdentityInfo> {
  const { dataDir, name } = chosen(options);
  return info(await (replace ? replaceIdentity : createStoredIdentity)(dataDir, name));
}

/** @returns PKCS#8 PEM, which gives control over the address. @throws OnionferryError ERR_KEY… */
export async function exportIdentity(...options: readonly Option[]): Promise<string> {
  const { dataDir, name } = chosen(options);
  return await exportStored(dataDir, name);
}

/** Stores a PKCS#8 PEM under a free name. @throws OnionferryError ERR_KEY */
export async function importIdentity(
  pem: string,
  ...options: readonly Option[]
): Promise<IdentityInfo> {
  const { dataDir, name } = chosen(options);
  return info(await importStored(dataDir, name, pem));
}

/** All stored identities; one that cannot be used has the reason instead of its address. */
export async function listIdentities(
  ...options: readonly Option[]
): Promise<({ name: string; path: string } & ({ onion: string } | { error: string }))[]> {
  const listed = await listStored(chosen(options).dataDir);
  return listed.map((entry) => {
    const { name, path } = entry;
    return 'error' in entry
      ? { name, path, error: entry.error.message }
      : { name, path, onion: entry.onion };
  });
}

function chosen(options: readonly Option[]): { dataDir: string; name: string } {
  const { dataDir, identity }: Settings = applyOptions(options);
  return { dataDir, name: identity.kind === 'kept' ? identity.name : 'default' };
}

function info({ name, path, identity }: StoredIdentity): IdentityInfo {
  return { name, path, onion: identity.address };
}
