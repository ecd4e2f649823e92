import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { scratchDirectory } from './running-relay.js';

export type Trick = 'close' | 'silence' | 'cut';

/** What a circuit may do to a reply: stands between a client and the relay's HTTP socket. */
export interface TrickyProxy {
  readonly path: string;
  /** Replies that went through or were swallowed */
  readonly replies: number;
  /** Times that the client began to send after it had last been sent something */
  readonly flights: number;
  readonly connections: number;
  readonly swallowed: number;
}

/**
 * Passes requests on and swallows the reply with number `victim` (the first is 0): closes the
 * connection instead, says nothing any more, or closes in the middle of it.
 */
export async function trickyProxy(
  target: string,
  { victim = -1, trick = 'close' }: { victim?: number; trick?: Trick } = {},
): Promise<TrickyProxy> {
  const path = join(await scratchDirectory(), 'proxy');
  const count = { path, replies: 0, flights: 0, connections: 0, swallowed: 0 };
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    count.connections++;
    const relay = connect(target);
    let clientSpokeLast = false;
    for (const socket of [client, relay]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
    }
    client.on('data', (piece: Buffer) => {
      if (!clientSpokeLast) count.flights++;
      clientSpokeLast = true;
      relay.write(piece);
    });
    relay.on('data', (piece: Buffer) => {
      clientSpokeLast = false;
      if (count.replies++ !== victim) {
        client.write(piece);
        return;
      }
      count.swallowed++;
      if (trick === 'cut') client.end(piece.subarray(0, piece.length - 5));
      if (trick === 'close') client.destroy();
      relay.destroy();
    });
    client.on('close', () => relay.destroy());
    relay.on('close', () => {
      if (count.swallowed === 0 || trick !== 'silence') client.end();
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(path, resolve);
  });
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return count;
}
