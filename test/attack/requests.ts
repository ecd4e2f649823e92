import type { Socket } from 'node:net';
import { formatAuthorization } from '../../src/base/authorization.js';
import { HTTP_PORT } from '../../src/relay-protocol/wire.js';
import { dialOnion } from '../../src/tor/dial/dial-onion.js';
import type { Field } from './attack.js';

/** A connection of an attacker: HTTP written by hand, as sloppy as the attack wants it. */
export async function dial(
  { target, socks, signal }: Field,
  isolation: string,
  first: string,
): Promise<Socket> {
  const socket = await dialOnion({
    ...{ socks, isolation, signal, onion: target.onion, port: HTTP_PORT },
    first: Buffer.from(first),
  });
  socket.on('error', () => undefined);
  signal.addEventListener('abort', () => socket.destroy(), { once: true });
  return socket;
}

export interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly user?: string;
  readonly password: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export function requestText({ target }: Field, asked: Asked): string {
  const { method = 'GET', path = '/', user = target.user, password, headers, body = '' } = asked;
  const lines = Object.entries({
    Host: target.onion,
    Authorization: formatAuthorization({ user, password }),
    ...(body !== '' && { 'Content-Type': 'application/json' }),
    ...(body !== '' && { 'Content-Length': String(Buffer.byteLength(body)) }),
    ...headers,
  });
  return `${method} ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`;
}

/** The status of the next reply on it; `closed` if none comes. Whatever follows is thrown away. */
export function statusOn(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let head = '';
    socket.on('data', (bytes: Buffer) => {
      if (head.length < 64) head += bytes.toString('latin1');
      const status = /^HTTP\/1\.1 (\d{3})/.exec(head)?.[1];
      if (status !== undefined) resolve(status);
    });
    socket.once('close', () => resolve('closed'));
  });
}
