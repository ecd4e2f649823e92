import { type OnionAddress, parseOnionAddress } from '../../onion/address.js';
import { RELAY_USER } from '../../relay-protocol/wire.js';
import { PageRelay } from '../channel/page-relay.js';
import type { OpenSocket } from '../channel/page-socket.js';

/** The onion address of this page. */
export function onionHere(): OnionAddress {
  return parseOnionAddress(location.hostname);
}

/** @param password of the relay, if the page knows it; otherwise the browser adds it */
export function relayHere(password: string | undefined): PageRelay {
  return new PageRelay({
    origin: location.origin,
    door: password === undefined ? undefined : { user: RELAY_USER, password },
    openSocket,
  });
}

/** Removes the fragment, which contains a secret, from the address bar and the history. */
export function takeFragment(): string | undefined {
  const fragment = location.hash.slice(1);
  // The link that skips to the main content
  if (fragment === '' || fragment === 'main') return undefined;
  history.replaceState(null, '', location.pathname);
  return fragment;
}

/** Opens the browser's own WebSocket. */
const openSocket: OpenSocket = (url, { onOpen, onMessage, onClose }) => {
  const socket = new WebSocket(url);
  socket.binaryType = 'arraybuffer';
  socket.addEventListener('open', onOpen);
  socket.addEventListener('message', ({ data }) => onMessage(data));
  socket.addEventListener('close', onClose);
  return socket;
};
