import { connect, type Socket } from 'node:net';
import { OnionferryError } from '../../base/errors.js';

/** Where a listener of tor's is reached: a unix socket, or TCP where there are none. */
export type TorEndpoint =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number };

/** tor's listeners are on this machine: a connection that takes longer will not come. */
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
      `${JSON.stringify(text)} is no address of tor's: give host:port, or unix:/path`,
    );
  }
  return { kind: 'tcp', host: v6 ?? name ?? '127.0.0.1', port };
}

/** As a person reads it. */
export function formatTorEndpoint(endpoint: TorEndpoint): string {
  if (endpoint.kind === 'unix') return `unix:${endpoint.path}`;
  const host = endpoint.host.includes(':') ? `[${endpoint.host}]` : endpoint.host;
  return `${host}:${String(endpoint.port)}`;
}

/** @throws what the system says, or the signal's reason; the socket is destroyed then */
export function connectEndpoint(endpoint: TorEndpoint, signal?: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket =
      endpoint.kind === 'unix'
        ? connect({ path: endpoint.path })
        : connect({ host: endpoint.host, port: endpoint.port, noDelay: true });
    const fail = (error: unknown): void => {
      finish();
      socket.destroy();
      reject(error instanceof Error ? error : new Error('aborted', { cause: error }));
    };
    const abort = (): void => fail(signal?.reason);
    const timer = setTimeout(() => fail(new Error('nothing answers')), CONNECT_DEADLINE_MS);
    const finish = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      socket.off('error', fail);
    };
    socket.once('error', fail);
    socket.once('connect', () => {
      finish();
      resolve(socket);
    });
    if (signal?.aborted === true) abort();
    else signal?.addEventListener('abort', abort, { once: true });
  });
}
