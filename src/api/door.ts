import { OnionferryError } from '../base/errors.js';
import { loadClients } from '../identities/clients.js';
import type { OnionAddress } from '../onion/address.js';
import {
  type AdmittedClients,
  type ClientKey,
  createClientKey,
  publicClientKey,
} from '../onion/client-key.js';
import type { Tor } from '../tor/instance/tor.js';

/** Whom an onion service lets near at all: tor's client authorisation, before every password. */
export type Door =
  | { readonly kind: 'open' }
  /** One key, which whoever is invited gets. */
  | { readonly kind: 'shared-key'; readonly key: ClientKey }
  /** Those that the identity has: each has a key of their own, which is not known here. */
  | { readonly kind: 'clients'; readonly clients: AdmittedClients };

export const OPEN: Door = { kind: 'open' };

export function newDoor(): Door {
  return { kind: 'shared-key', key: createClientKey() };
}

/**
 * The door of a stored identity; undefined if it has no clients and never had.
 *
 * @throws OnionferryError ERR_KEY if all of them have been removed, or one cannot be read
 */
export async function doorOfIdentity(dataDir: string, name: string): Promise<Door | undefined> {
  const clients = await loadClients(dataDir, name);
  if (clients === undefined) return undefined;
  const [first, ...others] = clients.map(({ publicKey }) => publicKey);
  if (first !== undefined) return { kind: 'clients', clients: [first, ...others] };
  throw new OnionferryError(
    'ERR_KEY',
    `nobody may reach the identity "${name}", since its last client was removed: add one with "onionferry key client add", or open it to everybody with "onionferry key client remove --all"`,
  );
}

/** What tor is told; undefined for everybody. */
export function admittedBy(door: Door): AdmittedClients | undefined {
  switch (door.kind) {
    case 'open':
      return undefined;
    case 'shared-key':
      return [publicClientKey(door.key)];
    case 'clients':
      return door.clients;
  }
}

/** What people and programs are told of it, in an event. */
export function doorEvent(door: Door): { clientKey?: string; clients?: number } {
  switch (door.kind) {
    case 'open':
      return {};
    case 'shared-key':
      return { clientKey: door.key };
    case 'clients':
      return { clients: door.clients.length };
  }
}

/** Has tor show a key, if there is one, until it is disposed of. @throws as Tor.presentKey does */
export async function showKey(
  tor: Tor,
  onion: OnionAddress,
  key: ClientKey | undefined,
): Promise<AsyncDisposable> {
  if (key === undefined) return { [Symbol.asyncDispose]: () => Promise.resolve() };
  const shown = await tor.presentKey(onion, key);
  return { [Symbol.asyncDispose]: () => shown.close() };
}
