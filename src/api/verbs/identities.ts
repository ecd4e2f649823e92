import {
  createStoredIdentity,
  exportIdentity as exportStored,
  importIdentity as importStored,
  listIdentities as listStored,
  loadIdentity,
  replaceIdentity,
  type StoredIdentity,
} from '../../identities/identities.js';
import { type Option, type Settings, settle } from '../settings.js';

/** A kept onion identity, without its key. */
export interface IdentityInfo {
  readonly name: string;
  readonly onion: string;
  /** The key file. */
  readonly path: string;
}

/** @throws OnionferryError ERR_KEY_MISSING, ERR_KEY */
export async function showIdentity(...options: readonly Option[]): Promise<IdentityInfo> {
  const { dataDir, name } = place(options);
  return info(await loadIdentity(dataDir, name));
}

/** Makes a new address. @throws OnionferryError ERR_KEY if there is one already, unless `replace` */
export async function newIdentity(
  { replace }: { replace: boolean },
  ...options: readonly Option[]
): Promise<IdentityInfo> {
  const { dataDir, name } = place(options);
  return info(await (replace ? replaceIdentity : createStoredIdentity)(dataDir, name));
}

/** @returns PKCS#8 PEM: whoever has it can be this address. @throws OnionferryError ERR_KEY… */
export async function exportIdentity(...options: readonly Option[]): Promise<string> {
  const { dataDir, name } = place(options);
  return await exportStored(dataDir, name);
}

/** Keeps a PKCS#8 PEM under a name that is free. @throws OnionferryError ERR_KEY */
export async function importIdentity(
  pem: string,
  ...options: readonly Option[]
): Promise<IdentityInfo> {
  const { dataDir, name } = place(options);
  return info(await importStored(dataDir, name, pem));
}

/** All kept identities; one that cannot be used says why instead of its address. */
export async function listIdentities(
  ...options: readonly Option[]
): Promise<({ name: string; path: string } & ({ onion: string } | { error: string }))[]> {
  const listed = await listStored(place(options).dataDir);
  return listed.map((entry) => {
    const { name, path } = entry;
    return 'error' in entry
      ? { name, path, error: entry.error.message }
      : { name, path, onion: entry.onion };
  });
}

function place(options: readonly Option[]): { dataDir: string; name: string } {
  const { dataDir, identity }: Settings = settle(options);
  return { dataDir, name: identity.kind === 'kept' ? identity.name : 'default' };
}

function info({ name, path, identity }: StoredIdentity): IdentityInfo {
  return { name, path, onion: identity.address };
}
