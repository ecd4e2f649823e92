import { parseOnionAddress } from '../onion/address.js';
import { parseStoreLocation } from '../relay/directory/store-location.js';
import { assertGiven } from './option-values.js';
import { type Option, set } from './settings.js';

/** One of several machines of a relay. */
export interface Backends {
  /**
   * The Redis or Valkey that all of them share: `/path`, `unix:/path`, `redis://host:port`, or
   * `rediss://host:port` over TLS
   */
  readonly store: string;
  /** Of the store, if it asks for one */
  readonly storePassword?: string | undefined;
  /** The address before all of them, which Onionbalance publishes; default none. */
  readonly front?: string | undefined;
}

/**
 * Makes a relay one of several that share their channels: two who meet there need not have come to
 * the same one. All of them have the same password.
 *
 * @throws OnionferryError ERR_USAGE, ERR_ONION_ADDRESS
 */
export function withBackends({ store, storePassword, front }: Backends): Option<'relay'> {
  const location = parseStoreLocation(assertGiven(store, 'the store'));
  return set({
    backends: {
      location,
      storePassword,
      front: front === undefined ? undefined : parseOnionAddress(front),
    },
  });
}
