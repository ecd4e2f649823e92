import { silentLogger } from '../../base/logger.js';
import { CircuitTries } from '../../onion-http/circuit-tries.js';
import type { Middleware } from '../../onion-http/middleware.js';
import {
  type Answer,
  type OnionHttpOptions,
  OnionHttpServer,
} from '../../onion-http/onion-http-server.js';
import { wireErrorOf } from '../../relay-protocol/refusal.js';
import type { RelayClient } from '../../relay-protocol/relay-client.js';
import { DEFAULT_RELAY_LIMITS, type RelayLimits } from '../limits.js';
import { Backend, type BackendOptions } from './backend.js';
import { createRelayHttp } from './http.js';
import { createLocalRelayClient } from './local-client.js';
import { Registry } from './registry.js';
import type { RelayCounts } from './relay-counts.js';
import { createStreamPort } from './stream-port.js';
import { acceptWebSockets } from './web-socket-streams.js';

/** A closing relay tells waiting clients, and closes their connections after this at the latest. */
const GRACE_MS = 1000;

const STREAM_SOCKET = 'stream';

export type StartRelayOptions = Omit<OnionHttpOptions, 'answer' | 'limits' | 'tries'> & {
  /**
   * Whether senders may come from outside; default not. Without them nobody can take the channel's
   * name before the local sender does, or send files of their own over this relay.
   */
  readonly remoteSenders?: boolean | undefined;
  /** What a browser is shown; default nothing */
  readonly pages?: Answer | undefined;
  /** Behind the access check, before `/join` and `/channel`; streams do not pass it */
  readonly middleware?: readonly Middleware[] | undefined;
  readonly limits?: Partial<RelayLimits>;
  /** One of several that share channels; default alone. The directory stays the caller's. */
  readonly backend?: BackendOptions | undefined;
};

export interface RelayServer extends AsyncDisposable, Pick<OnionHttpServer, 'circuits'> {
  /** The unix socket for HTTP_PORT */
  readonly httpSocket: string;
  /** The unix socket for STREAM_PORT */
  readonly streamSocket: string;
  /** For a participant in this process */
  readonly local: RelayClient;
  /** What it has done since its start, and what there is now */
  counts(): RelayCounts;
  /**
   * From now on refuses whoever wants to begin, or sends them to another backend; transfers that run
   * go on, and may reconnect. Resolves when those who wait have been sent there.
   */
  drain(): Promise<void>;
  /** Resolves when no transfer runs. @throws the signal's reason */
  quiet(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** @throws OnionferryError ERR_RELAY if a socket cannot be made; the signal's reason */
export async function startRelay(options: StartRelayOptions): Promise<RelayServer> {
  const { remoteSenders = false, middleware, logger = silentLogger } = options;
  const limits: RelayLimits = { ...DEFAULT_RELAY_LIMITS, ...options.limits };
  // One for both: a flood of made-up answers shuts its own circuits.
  const tries = new CircuitTries(limits);
  const registry = new Registry({ limits, tries });
  const backend = new Backend(registry, options.backend);
  const server = new OnionHttpServer({
    ...options,
    ...{ limits, tries },
    audience: {
      entered: (circuit) => options.audience?.entered(circuit),
      refused: () => {
        registry.tally.wrongDoors++;
        options.audience?.refused();
      },
    },
    answer: (access) => {
      const pages = options.pages?.(access);
      return createRelayHttp({
        ...{ registry, backend, access, remoteSenders, middleware, pages, limits, logger },
      });
    },
    complaint: (status) => ({
      type: 'application/json',
      text: JSON.stringify(wireErrorOf(status === 431 ? 'too-large' : 'bad-request')),
    }),
    code: 'ERR_RELAY',
  });
  const streams = { registry, backend, access: server.access, limits, logger };
  acceptWebSockets(server.http, streams);
  server.addPort(STREAM_SOCKET, createStreamPort(streams));
  await server.listen();
  const local = createLocalRelayClient(registry);
  const close = async (): Promise<void> => {
    backend.close();
    registry.close();
    await server.close(GRACE_MS);
    await local.close();
  };
  return {
    circuits: server.circuits,
    httpSocket: server.httpSocket,
    streamSocket: server.socketOf(STREAM_SOCKET),
    local,
    counts: () => registry.counts(),
    drain: () => backend.drain(),
    quiet: (until) => registry.quiet(until),
    close,
    [Symbol.asyncDispose]: close,
  };
}
