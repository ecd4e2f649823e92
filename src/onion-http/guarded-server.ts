import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  STATUS_CODES,
} from 'node:http';
import type { Socket } from 'node:net';
import type { AccessDelay } from './access-check.js';
import type { Circuits } from './circuits.js';
import type { HttpLimits } from './limits.js';
import { oneAtATime } from './one-at-a-time.js';

/** How often Node looks for requests that take too long to arrive. */
const CHECK_MS = 1000;

/** Request headers in bytes: a client needs some 300, a browser below 1,000. */
const HEADER_MAX_BYTES = 8192;

export interface ServerLimits extends Pick<HttpLimits, 'headMs' | 'keepAliveMs' | 'connections'> {
  readonly requestMs: number;
}

export interface GuardedServerOptions {
  readonly circuits: Circuits;
  readonly accessDelay: AccessDelay;
  /** `requestMs` 0: a request may take as long as its connection moves */
  readonly limits: ServerLimits;
  readonly listener: RequestListener;
  /** The body for what is not HTTP, or too slow or too large to become a request */
  readonly complaint: (status: 400 | 408 | 431) => { readonly type: string; readonly text: string };
}

/**
 * An HTTP server for an onion service: it knows each caller's circuit, answers none that is shut
 * out, and keeps no connection unless the guard says so.
 */
export function createGuardedServer(options: GuardedServerOptions): Server {
  const { circuits, accessDelay, limits, listener, complaint } = options;
  const answer = oneAtATime((request, response) => {
    if (accessDelay.isShut(circuits.caller(request.socket))) {
      request.socket.destroy();
      return;
    }
    response.shouldKeepAlive = false;
    listener(request, response);
  });
  const server = createServer(
    {
      headersTimeout: limits.headMs,
      requestTimeout: limits.requestMs,
      keepAliveTimeout: limits.keepAliveMs,
      connectionsCheckingInterval: Math.min(CHECK_MS, limits.headMs),
      maxHeaderSize: HEADER_MAX_BYTES,
    },
    answer,
  );
  server.maxConnections = limits.connections;
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    if (!socket.writable || error.code === 'ECONNRESET') {
      socket.destroy();
      return;
    }
    const status =
      error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? 408
        : error.code === 'HPE_HEADER_OVERFLOW'
          ? 431
          : 400;
    const { type, text } = complaint(status);
    socket.end(
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nConnection: close\r\nContent-Type: ${type}\r\n` +
        `Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
      // Whoever does not end its side as well would keep its place for ever.
      () => socket.destroy(),
    );
  });
  // Node would let everybody go on; the guard does that for who has passed it.
  server.on('checkContinue', answer);
  // Node would answer this by itself, and keep the connection.
  server.on('checkExpectation', (request: IncomingMessage) => request.socket.destroy());
  circuits.watch(server);
  return server;
}
