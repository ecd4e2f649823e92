import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { PageRelayClient } from '../../../src/browser/relay/page-relay-client.js';
import type { PageSocket } from '../../../src/browser/relay/web-socket-channel.js';
import type { RelayServer } from '../../../src/relay/server/start-relay.js';
import { CREDENTIALS } from '../../relay/support/running-relay.js';

/** What stands between a page and the relay may do something to each connection. */
export type Tap = (client: Socket, relay: Duplex) => void;

const join: Tap = (client, relay) => {
  client.pipe(relay).pipe(client);
};

/** The relay as a page sees it: at an address of its own, by fetch and WebSocket. */
export async function pageAt(
  { httpSocket }: Pick<RelayServer, 'httpSocket'>,
  { tap = join, credentials = CREDENTIALS }: { tap?: Tap; credentials?: typeof CREDENTIALS } = {},
): Promise<PageRelayClient> {
  const server = createServer((client) => {
    const relay = connect(httpSocket);
    for (const socket of [client, relay]) socket.on('error', () => undefined);
    client.on('close', () => relay.destroy());
    relay.on('close', () => client.destroy());
    tap(client, relay);
    onTestFinished(() => {
      client.destroy();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const origin = `http://127.0.0.1:${address.port}`;
  return new PageRelayClient({ origin, credentials, openSocket: openSocketFrom(origin) });
}

/** Node 20 has no WebSocket of its own. */
function openSocketFrom(origin: string): (url: string) => PageSocket {
  return (url) => {
    const socket = new WebSocket(url, { origin, perMessageDeflate: false });
    socket.on('error', () => undefined);
    onTestFinished(() => socket.terminate());
    // Its types differ from a browser's in names only.
    return socket as unknown as PageSocket;
  };
}
