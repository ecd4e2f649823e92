import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TorEndpoint } from '../../../src/tor/control/endpoint.js';

/** A SOCKS reply (RFC 1928 section 6) with this code, from 0.0.0.0:0. */
export function socksReply(code: number): Buffer {
  return Buffer.from([5, code, 0, 1, 0, 0, 0, 0, 0, 0]);
}

export interface SocksServer extends AsyncDisposable {
  readonly socks: TorEndpoint;
  /** What has been asked for: `user@host:port`. */
  readonly asked: string[];
  /** What came with each request, before it was answered. */
  readonly early: string[];
  /** Connections that are open now. */
  readonly sockets: Set<Socket>;
}

/**
 * A small SOCKS5 server that wants a user, like tor, and leaves the reply to `answer`, which may
 * write whatever it likes.
 */
export async function startSocksServer(answer: (socket: Socket) => void): Promise<SocksServer> {
  const directory = await mkdtemp(join(tmpdir(), 'onionferry-test-'));
  const asked: string[] = [];
  const early: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    // A client may go away at any point.
    serve(socket, answer, { asked, early }).catch(() => undefined);
  });
  const path = join(directory, 'socks');
  await once(server.listen(path), 'listening');
  return {
    socks: { kind: 'unix', path },
    asked,
    early,
    sockets,
    async [Symbol.asyncDispose](): Promise<void> {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      await rm(directory, { recursive: true });
    },
  };
}

async function serve(
  socket: Socket,
  answer: (socket: Socket) => void,
  { asked, early }: Pick<SocksServer, 'asked' | 'early'>,
): Promise<void> {
  await once(socket, 'data');
  socket.write(Buffer.from([5, 2]));
  const [login] = (await once(socket, 'data')) as [Buffer];
  socket.write(Buffer.from([1, 0]));
  const [request] = (await once(socket, 'data')) as [Buffer];
  const user = login.subarray(2, 2 + (login[1] ?? 0)).toString();
  const hostEnd = 5 + (request[4] ?? 0);
  const host = request.subarray(5, hostEnd).toString();
  asked.push(`${user}@${host}:${request.readUInt16BE(hostEnd)}`);
  const first = request.subarray(hostEnd + 2);
  early.push(first.toString());
  answer(socket);
  // As tor does, it carries on what came before its answer.
  if (first.length > 0) socket.emit('data', first);
}
