import { hasCode, OnionferryError } from '../base/errors.js';
import { holdIdentity } from '../identities/hold-identity.js';
import { createStoredIdentity, loadIdentity } from '../identities/identities.js';
import { createIdentity, type Identity } from '../onion/identity.js';
import type { Work } from './handle.js';
import type { Settings } from './settings.js';

/** An identity that nobody else on this machine publishes meanwhile. */
export interface TakenIdentity extends AsyncDisposable {
  readonly identity: Identity;
  /** Under which it is stored, if it is. */
  readonly name?: string;
}

/**
 * Takes the identity that the settings name, making it when it is missing.
 *
 * One address cannot be published by two processes: they would take it from each other. `busy`
 * says whether a fresh address does as well.
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
      throw new OnionferryError(
        'ERR_IDENTITY_BUSY',
        `the identity "${name}" is in use by ${hold.holder}; end that, or choose another by --name`,
      );
    }
    const message = `the identity "${name}" is in use by ${hold.holder}; this transfer gets an address of its own`;
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

function ephemeral(): TakenIdentity {
  return { identity: createIdentity(), [Symbol.asyncDispose]: () => Promise.resolve() };
}

async function loadOrCreate(dataDir: string, name: string): Promise<Identity> {
  try {
    return (await loadIdentity(dataDir, name)).identity;
  } catch (error) {
    if (!hasCode(error, 'ERR_KEY_MISSING')) throw error;
    return (await createStoredIdentity(dataDir, name)).identity;
  }
}
