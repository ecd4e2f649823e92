import type { Server, Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Credentials } from '../../base/authorization.js';
import { asOnionferryError } from '../../base/errors.js';
import { type Logger, silentLogger } from '../../base/logger.js';
import { AccessDelay, createAccessCheck } from '../../onion-http/access-check.js';
import { Circuits } from '../../onion-http/circuits.js';
import { listen, stop } from '../../onion-http/listening.js';
import { UnauthenticatedConnections } from '../../onion-http/unauthenticated-connections.js';
import type { RelayClient } from '../../relay-protocol/relay-client.js';
import { DEFAULT_RELAY_LIMITS, type RelayLimits } from '../limits.js';
import { type CreatePages, createHttp } from './http.js';
import { createLocalRelayClient } from './local-client.js';
import { Registry } from './registry.js';
import { createStreamPort } from './stream-port.js';
import { acceptWebSockets } from './web-socket-streams.js';

/** When the relay closes, those who wait are told; it goes on closing after this at the latest. */
const RECEIPT_ACK_MS = 1000;

export interface StartRelayOptions {
  /** What opens the door; only digests of it are kept */
  readonly door: Credentials;
  /** Where the two unix sockets are made; nobody else may enter it (mode 0700) */
  readonly directory: string;
  /** Whether tor writes the circuit's line (HiddenServiceExportCircuitID haproxy); default true */
  readonly circuitLine?: boolean;
  /**
   * Whether senders may come from outside; default true. Without them nobody takes the channel's
   * name before the local sender does, or carries files of their own over this relay.
   */
  readonly remoteSenders?: boolean;
  /** What a browser is shown; default nothing */
  readonly pages?: CreatePages | undefined;
  readonly limits?: Partial<RelayLimits>;
  readonly logger?: Logger;
  readonly signal?: AbortSignal;
}

export interface RelayServer extends AsyncDisposable {
  /** The unix socket for HTTP_PORT */
  readonly httpSocket: string;
  /** The unix socket for STREAM_PORT */
  readonly streamSocket: string;
  /** For a participant in this process */
  readonly local: RelayClient;
  close(): Promise<void>;
}

/** @throws OnionferryError ERR_RELAY if a socket cannot be made; the signal's reason */
export async function startRelay(options: StartRelayOptions): Promise<RelayServer> {
  const { directory, circuitLine = true, logger = silentLogger, signal } = options;
  const { remoteSenders = true } = options;
  signal?.throwIfAborted();
  const limits: RelayLimits = { ...DEFAULT_RELAY_LIMITS, ...options.limits };
  const registry = new Registry({ limits });
  const accessDelay = new AccessDelay(limits);
  const circuits = new Circuits(circuitLine, limits);
  const door = createAccessCheck(options.door);
  const { pages } = options;
  const unauthenticated = new UnauthenticatedConnections(limits.unauthenticated);
  const onPassed = (socket: Socket): void => unauthenticated.know(socket);
  const seen = { door, accessDelay, circuits, onPassed };
  const parts = { ...seen, registry, remoteSenders, pages, limits, logger };
  const http = createHttp(parts);
  acceptWebSockets(http, parts);
  const servers: [Server, Server] = [http, createStreamPort(parts)];
  const sockets = new Set<Socket>();
  for (const server of servers) {
    server.on('connection', (socket: Socket) => {
      unauthenticated.add(socket);

      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    });
  }
  const local = createLocalRelayClient(registry);
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => (closed ??= shut());
  const shut = async (): Promise<void> => {
    registry.close();
    accessDelay.close();
    const patience = new AbortController();
    const late = delay(RECEIPT_ACK_MS, undefined, { signal: patience.signal }).then(
      () => {
        for (const socket of sockets) socket.destroy();
      },
      () => undefined,
    );
    await Promise.all(servers.map(stop));
    patience.abort();
    await late;
    await local.close();
  };

  const httpSocket = join(directory, 'http');
  const streamSocket = join(directory, 'stream');
  try {
    await listen(servers[0], httpSocket);
    await listen(servers[1], streamSocket);
    signal?.throwIfAborted();
  } catch (error) {
    await close();
    if (signal?.aborted === true) throw error;
    const sentence = `the relay cannot listen in ${directory}; check that the directory can be written to`;
    throw asOnionferryError(error, 'ERR_RELAY', sentence);
  }
  return { httpSocket, streamSocket, local, close, [Symbol.asyncDispose]: close };
}
