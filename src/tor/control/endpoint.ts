import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { deadline } from '../../base/deadline.js';
import { OnionferryError } from '../../base/errors.js';

/** Where tor's control or SOCKS port listens: a unix socket, or TCP where there are none. */
export type TorEndpoint =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number };

/** tor's ports are on this machine: a connection that takes longer will not come about. */
const CONNECT_DEADLINE_MS = 5_000;

/**
 * Reads `/path`, `unix:/path`, `host:port`, `[v6]:port` or a bare `port` of this machine.
 *
 * @throws OnionferryError ERR_USAGE
 */
export function parseTorEndpoint(text: string): TorEndpoint {
  const path = /^(?:unix:)?(\/.+)$/s.exec(text)?.[1];
  if (path !== undefined) return { kind: 'unix', path };
  const [, v6, name, digits = ''] =
    /^(?:(?:\[([0-9a-f:.]+)\]|([\w.-]+)):)?(\d{1,5})$/i.exec(text) ?? [];
  const port = Number(digits);
  if (port < 1 || port > 65_535) {
    throw new OnionferryError(
      'ERR_USAGE',
      `${JSON.stringify(text)} is not the address of a port of tor's: give host:port or unix:/path`,
    );
  }
  return { kind: 'tcp', host: v6 ?? name ?? '127.0.0.1', port };
}

/** For messages. */
export function formatTorEndpoint(endpoint: TorEndpoint): string {
  if (endpoint.kind === 'unix') return `unix:${endpoint.path}`;
  const host = endpoint.host.includes(':') ? `[${endpoint.host}]` : endpoint.host;
  return `${host}:${String(endpoint.port)}`;
}

/** @throws the system's error, ERR_TIMEOUT or the signal's reason; the socket is then destroyed */
export async function connectEndpoint(
  endpoint: TorEndpoint,
  signal?: AbortSignal,
): Promise<Socket> {
  using limit = deadline(CONNECT_DEADLINE_MS, 'nothing answers', signal);
  limit.signal.throwIfAborted();
  const socket =
    endpoint.kind === 'unix'
      ? connect({ path: endpoint.path })
      : connect({ host: endpoint.host, port: endpoint.port, noDelay: true });
  try {
    await once(socket, 'connect', { signal: limit.signal });
    return socket;
  } catch (error) {
    socket.destroy();
    limit.signal.throwIfAborted();
    throw error;
  }
}
