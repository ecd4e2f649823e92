import { hasCode, OnionferryError } from '../base/errors.js';
import { holdIdentity } from '../identities/hold-identity.js';
import { loadIdentity, storeIdentity } from '../identities/identities.js';
import { createIdentity, type Identity } from '../onion/identity.js';
import type { Work } from './handle.js';
import type { Settings } from './options.js';

/** An identity that no other process on this machine publishes meanwhile. */
export interface TakenIdentity extends AsyncDisposable {
  readonly identity: Identity;
  /** Its name, if it is stored. */
  readonly name?: string;
}

/**
 * Takes the identity that the settings name, and creates it if it is missing.
 *
 * Two processes cannot publish one address: each would take it from the other. `busy` says whether
 * a new address will do instead.
 *
 * @throws OnionferryError ERR_KEY, ERR_IDENTITY_BUSY
 */
export async function takeIdentity(
  { dataDir, identity }: Settings,
  { emit }: Work,
  options: { holder: string; busy: 'go-ephemeral' | 'refuse' },
): Promise<TakenIdentity> {
  if (identity.kind === 'ephemeral') return ephemeral();
  const { name } = identity;
  const hold = await holdIdentity(dataDir, name, options.holder);
  if (!hold.held) {
    if (options.busy === 'refuse') {
      throw identityBusy(name, hold.holder, 'stop that first, or use another with --name');
    }
    const message = `the identity "${name}" is in use by ${hold.holder}; this transfer uses a new address`;
    emit({ event: 'warning', message });
    return ephemeral();
  }
  try {
    const taken = await loadOrCreate(dataDir, name);
    return { identity: taken, name, [Symbol.asyncDispose]: () => hold.release() };
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

function ephemeral(): TakenIdentity {
  return { identity: createIdentity(), [Symbol.asyncDispose]: () => Promise.resolve() };
}

async function loadOrCreate(dataDir: string, name: string): Promise<Identity> {
  try {
    return (await loadIdentity(dataDir, name)).identity;
  } catch (error) {
    if (!hasCode(error, 'ERR_KEY_MISSING')) throw error;
    return (await storeIdentity(dataDir, name)).identity;
  }
}
