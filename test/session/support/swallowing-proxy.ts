import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { scratchDirectory } from '../../relay/support/running-relay.js';

export interface Swallowing {
  /** Which reply is lost, from 0; none if undefined. */
  readonly reply?: number;
  /** Whether its connection is closed, or stays open and silent. */
  readonly how?: 'close' | 'silence';
}

export interface Proxy {
  readonly httpSocket: string;
  readonly streamSocket: string;
  /** Replies of the relay seen so far, over HTTP and on the stream port. */
  readonly replies: () => number;
}

/** Stands before a relay's two sockets and loses one of its replies. */
export async function swallowingProxy(
  relay: { httpSocket: string; streamSocket: string },
  { reply, how = 'close' }: Swallowing,
): Promise<Proxy> {
  const directory = await scratchDirectory();
  let replies = 0;
  const isLost = (): boolean => replies++ === reply;
  const http = join(directory, 'http');
  const stream = join(directory, 'stream');
  const each = (piece: Buffer): boolean => piece.subarray(0, 5).toString() === 'HTTP/';
  await listen(http, relay.httpSocket, (_seen, piece) => each(piece) && isLost(), how);
  await listen(stream, relay.streamSocket, (seen) => seen === 0 && isLost(), how);
  return { httpSocket: http, streamSocket: stream, replies: () => replies };
}

async function listen(
  path: string,
  target: string,
  swallow: (seen: number, piece: Buffer) => boolean,
  how: 'close' | 'silence',
): Promise<Server> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ path: target, allowHalfOpen: true });
    let seen = 0;
    let lost = false;
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => {
        near.destroy();
        far.destroy();
      });
    }
    near.pipe(far);
    far.on('data', (piece: Buffer) => {
      lost ||= swallow(seen, piece);
      seen += piece.length;
      if (!lost) near.write(piece);
      else if (how === 'close') near.destroy();
    });
    far.on('end', () => {
      if (!lost) near.end();
    });
  });
  server.listen(path);
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return server;
}
