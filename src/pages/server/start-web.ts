import type { Socket } from 'node:net';
import { join } from 'node:path';
import type { Router } from 'express';
import type { Credentials } from '../../base/authorization.js';
import { asOnionferryError } from '../../base/errors.js';
import { type Logger, silentLogger } from '../../base/logger.js';
import { AccessDelay, createAccessCheck } from '../../onion-http/access-check.js';
import { Circuits } from '../../onion-http/circuits.js';
import { createGuardedServer } from '../../onion-http/guarded-server.js';
import { listen, stop } from '../../onion-http/listening.js';
import type { SignedLinks } from '../../onion-http/signed-links.js';
import { Stalls } from '../../onion-http/stalls.js';
import { UnauthenticatedConnections } from '../../onion-http/unauthenticated-connections.js';
import { createPages, pageGuard } from './create-pages.js';
import { DEFAULT_WEB_LIMITS, type WebLimits } from './limits.js';

export interface StartWebOptions {
  /** What opens the door; only digests of it are kept */
  readonly door: Credentials;
  /** Where the unix socket is made; nobody else may enter it (mode 0700) */
  readonly directory: string;
  readonly routes: Router;
  /** What opens single downloads without Basic auth */
  readonly signedLinks?: SignedLinks | undefined;
  /** Whether tor writes the circuit's line (HiddenServiceExportCircuitID haproxy); default true */
  readonly circuitLine?: boolean;
  readonly limits?: Partial<WebLimits>;
  readonly logger?: Logger;
  readonly signal?: AbortSignal;
}

export interface WebServer extends AsyncDisposable {
  /** The unix socket for HTTP_PORT */
  readonly httpSocket: string;
  /** Ends every connection, downloads under way included. */
  close(): Promise<void>;
}

/**
 * Serves pages behind Basic auth.
 *
 * @throws OnionferryError ERR_WEB if the socket cannot be made; the signal's reason
 */
export async function startWeb(options: StartWebOptions): Promise<WebServer> {
  const { directory, routes, circuitLine = true, logger = silentLogger, signal } = options;
  signal?.throwIfAborted();
  const limits: WebLimits = { ...DEFAULT_WEB_LIMITS, ...options.limits };
  const accessDelay = new AccessDelay(limits);
  const circuits = new Circuits(circuitLine, limits);
  const door = createAccessCheck(options.door);
  const unauthenticated = new UnauthenticatedConnections(limits.unauthenticated);
  const stalls = new Stalls(limits.stalledMs);
  const pages = createPages({
    ...{ routes, logger },
    guard: pageGuard({
      ...{ door, accessDelay, circuits },
      onPassed: (socket) => unauthenticated.know(socket),
      signedLinks: options.signedLinks,
    }),
  });
  const server = createGuardedServer({
    circuits,
    accessDelay,
    // An upload may take hours; only one that stands still is ended.
    limits: { ...limits, requestMs: 0 },
    listener: (request, response) => {
      stalls.watch(request, response);
      pages(request, response);
    },
    complaint: (status) => ({ type: 'text/plain', text: COMPLAINTS[status] }),
  });
  stalls.guard(server);
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    unauthenticated.add(socket);
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => (closed ??= shut());
  const shut = async (): Promise<void> => {
    accessDelay.close();
    const stopped = stop(server);
    for (const socket of sockets) socket.destroy();
    await stopped;
  };

  const httpSocket = join(directory, 'http');
  try {
    await listen(server, httpSocket);
    signal?.throwIfAborted();
  } catch (error) {
    await close();
    if (signal?.aborted === true) throw error;
    const sentence = `the pages cannot be served from ${directory}; check that the directory can be written to`;
    throw asOnionferryError(error, 'ERR_WEB', sentence);
  }
  return { httpSocket, close, [Symbol.asyncDispose]: close };
}

const COMPLAINTS = {
  400: 'That is not understood here.\n',
  408: 'That took too long to arrive.\n',
  431: 'That is too much at once.\n',
} as const;
