import { type OnionAddress, parseOnionAddress } from '../../onion/address.js';
import { RELAY_USER } from '../../relay-protocol/wire.js';
import { PageRelay } from '../channel/page-relay.js';
import { openSocket } from './open-socket.js';

/** The onion that this page came from. */
export function onionHere(): OnionAddress {
  return parseOnionAddress(location.hostname);
}

/** @param door what the relay asks for, where the page knows it; else the browser does */
export function relayHere(door: string | undefined): PageRelay {
  return new PageRelay({
    origin: location.origin,
    door: door === undefined ? undefined : { user: RELAY_USER, password: door },
    openSocket,
  });
}

/** Takes the fragment, which holds a secret, out of the address bar and the history. */
export function takeFragment(): string | undefined {
  const fragment = location.hash.slice(1);
  // The page's own link past its head.
  if (fragment === '' || fragment === 'main') return undefined;
  history.replaceState(null, '', location.pathname);
  return fragment;
}
