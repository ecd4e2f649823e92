import { type OnionAddress, parseOnionAddress } from '../../onion/address.js';
import { RELAY_USER } from '../../relay-protocol/wire.js';
import { PageRelayClient } from '../relay/page-relay-client.js';

/** The onion that this page came from. */
export function onionHere(): OnionAddress {
  return parseOnionAddress(location.hostname);
}

/** @param password what the relay asks for, where the page knows it; else the browser does */
export function relayHere(password: string | undefined): PageRelayClient {
  return new PageRelayClient({
    origin: location.origin,
    credentials: password === undefined ? undefined : { user: RELAY_USER, password },
    openSocket: (url) => new WebSocket(url),
  });
}
