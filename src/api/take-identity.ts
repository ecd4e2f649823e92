import { hasCode, OnionferryError } from '../base/errors.js';
import { holdIdentity } from '../identities/hold-identity.js';
import { loadIdentity, storeIdentity } from '../identities/identities.js';
import { createIdentity, type Identity } from '../onion/identity.js';
import { type Door, doorOfIdentity, newDoor, OPEN } from './door.js';
import type { Work } from './handle.js';
import type { Settings } from './settings.js';

/** An identity that no other process on this machine publishes meanwhile. */
export interface TakenIdentity extends AsyncDisposable {
  readonly identity: Identity;
  /** Whom its address lets near. */
  readonly door: Door;
  /** Its name, if it is stored. */
  readonly name?: string;
}

/**
 * Takes the identity that the settings name, and creates it if it is missing.
 *
 * Two processes cannot publish one address: each would take it from the other. `busy` says whether
 * a new address will do instead, which is as private as the one that was meant.
 *
 * @throws OnionferryError ERR_KEY, ERR_IDENTITY_BUSY
 */
export async function takeIdentity(
  { dataDir, identity, isPrivate }: Settings,
  { emit }: Work,
  options: { holder: string; busy: 'go-ephemeral' | 'refuse' },
): Promise<TakenIdentity> {
  if (identity.kind === 'ephemeral') return ephemeral(isPrivate);
  const { name } = identity;
  const hold = await holdIdentity(dataDir, name, options.holder);
  if (!hold.held) {
    if (options.busy === 'refuse') {
      throw identityBusy(name, hold.holder, 'stop that first, or use another with --name');
    }
    const message = `the identity "${name}" is in use by ${hold.holder}; this transfer uses a new address`;
    emit({ event: 'warning', message });
    return ephemeral(isPrivate || (await doorOfIdentity(dataDir, name)) !== undefined);
  }
  try {
    const taken = await loadOrCreate(dataDir, name);
    const door = (await doorOfIdentity(dataDir, name)) ?? (isPrivate ? newDoor() : OPEN);
    return { identity: taken, door, name, [Symbol.asyncDispose]: () => hold.release() };
  } catch (error) {
    await hold.release();
    throw error;
  }
}

export function identityBusy(name: string, holder: string, advice: string): OnionferryError {
  return new OnionferryError(
    'ERR_IDENTITY_BUSY',
    `the identity "${name}" is in use by ${holder}; ${advice}`,
  );
}

function ephemeral(isPrivate: boolean): TakenIdentity {
  const door = isPrivate ? newDoor() : OPEN;
  return { identity: createIdentity(), door, [Symbol.asyncDispose]: () => Promise.resolve() };
}

async function loadOrCreate(dataDir: string, name: string): Promise<Identity> {
  try {
    return (await loadIdentity(dataDir, name)).identity;
  } catch (error) {
    if (!hasCode(error, 'ERR_KEY_MISSING')) throw error;
    return (await storeIdentity(dataDir, name)).identity;
  }
}
