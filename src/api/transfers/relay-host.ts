import { hasCode, type OnionferryError } from '../../base/errors.js';
import type { OnionAddress } from '../../onion/address.js';
import type { ClientKey } from '../../onion/client-key.js';
import type { Identity } from '../../onion/identity.js';
import type { Audience } from '../../onion-http/access.js';
import type { Middleware } from '../../onion-http/middleware.js';
import type { Answer } from '../../onion-http/onion-http-server.js';
import { HttpRelayClient } from '../../relay/client/http-relay-client.js';
import type { RelayLimits } from '../../relay/limits.js';
import type { BackendOptions } from '../../relay/server/backend.js';
import type { RelayServer } from '../../relay/server/start-relay.js';
import type { RelayClient } from '../../relay-protocol/relay-client.js';
import { RELAY_USER, STREAM_PORT } from '../../relay-protocol/wire.js';
import type { TorEndpoint } from '../../tor/control/endpoint.js';
import { dialWithRetries, type RetryOptions } from '../../tor/dial/dial-with-retries.js';
import { OnionAgent } from '../../tor/dial/onion-agent.js';
import { SocksRefusal } from '../../tor/dial/socks-refusal.js';
import type { Tor } from '../../tor/instance/tor.js';
import { type Door, OPEN } from '../door.js';
import type { Work } from '../handle.js';
import { hostOnion } from '../host-onion.js';
import type { Settings } from '../settings.js';
import { circuitOf, newIsolation, REQUESTS_CIRCUIT } from './early-dial.js';

/** How long to dial an address that does not answer: its service may be starting. */
const REACH_MS = 60_000;
/** The same for a backend that the relay has named: if it has ended, the relay is to be asked again. */
const REACH_BACKEND_MS = 20_000;
/** First dial of a service that answered before: if it was restarted, tor's descriptor is stale. */
const AGAIN_MS = 10_000;
/** Dials that get no answer within this time of each other were stuck by the same circuits. */
const STUCK_TOGETHER_MS = 2_000;
/** tor drops its descriptors and circuits at most this often. */
const RENEW_EVERY_MS = 10_000;
/** A tor whose network answered within this time needs no waking. */
const AWAKE_MS = 30_000;

/** SOCKS replies that follow from a directory's answer (F0) or an introduction point's (F2). */
const FROM_NETWORK: ReadonlySet<number> = new Set([0xf0, 0xf2]);

/** A relay, and how this side reaches it. */
export interface RelayHost extends AsyncDisposable {
  readonly onion: OnionAddress;
  /** Whom it lets near; of somebody else's, the key that we have for it. */
  readonly door: Door;
  readonly client: RelayClient;
  /** After all connections were lost: new ones use new circuits, and soon a new descriptor. */
  renewCircuits(): void;
  /**
   * When no new connection can be made either: has tor reconnect to its network, which ends all its
   * connections, unless the network has just said that the relay is not there. Resolves when tor is
   * connected, which takes as long as the network is away. Never throws.
   */
  wake(): Promise<void>;
}

export interface HostOptions {
  readonly tor: Tor;
  readonly identity: Identity;
  readonly door: Door;
  /** For Basic auth. */
  readonly password: string;
  /** Whether others may send over it; default not */
  readonly remoteSenders?: boolean | undefined;
  readonly pages?: Answer | undefined;
  readonly middleware?: readonly Middleware[] | undefined;
  readonly limits?: Partial<RelayLimits>;
  /** One of several that share channels; default alone. */
  readonly backend?: BackendOptions | undefined;
  /** Wants to know of visitors. */
  readonly audience?: Audience | undefined;
  readonly settings: Settings;
  readonly signal: AbortSignal;
}

/** A relay that this process runs, for a participant in this process. */
export function relayHere(
  onion: OnionAddress,
  door: Door,
  { local }: Pick<RelayServer, 'local'>,
): Omit<RelayHost, keyof AsyncDisposable> {
  return {
    onion,
    door,
    client: local,
    // No circuit leads to it, and a service's tor reconnects to its network by itself.
    renewCircuits: () => undefined,
    wake: () => Promise.resolve(),
  };
}

/** A relay in this process, with what others need not know of one. */
export interface HostedRelay extends RelayHost {
  readonly server: Pick<RelayServer, 'counts' | 'drain' | 'quiet'>;
}

/** Runs a relay in this process behind an onion service; resolves when it can be reached. */
export async function hostRelay(options: HostOptions): Promise<HostedRelay> {
  const { tor, identity, door, password, settings, signal } = options;
  const { remoteSenders, pages, middleware, audience, backend, limits = {} } = options;
  const { logger } = settings;
  // A recipient does without the server, half of the program.
  const { startRelay } = await import('../../relay/server/start-relay.js');
  const hosted = await hostOnion({
    ...{ tor, identity, door, signal, front: backend?.front },
    start: (directory) =>
      startRelay({
        credentials: { user: RELAY_USER, password },
        ...{ directory, remoteSenders, pages, middleware, limits, audience, logger, signal },
        backend,
      }),
    ports: ({ streamSocket }) => ({ [STREAM_PORT]: streamSocket }),
  });
  return {
    ...relayHere(hosted.onion, door, hosted.server),
    server: hosted.server,
    [Symbol.asyncDispose]: () => hosted[Symbol.asyncDispose](),
  };
}

export interface ReachOptions {
  readonly tor: Tor;
  readonly onion: OnionAddress;
  /** Which tor has been given already, if its address is private. */
  readonly clientKey: ClientKey | undefined;
  /** For Basic auth. */
  readonly password: string;
  readonly settings: Settings;
  readonly emit: Work['emit'];
  /** The isolation of the first circuits; default a new one. */
  readonly isolation?: string | undefined;
}

/** Somebody else's relay, through Tor. Nothing is dialled yet. */
export function reachRelay(options: ReachOptions): RelayHost {
  const { tor, onion, password, settings, emit } = options;
  // An isolation of its own for this call: nothing else shares its circuits.
  let session = options.isolation ?? newIsolation();
  const isolated = (name: string): string => circuitOf(session, name);
  const isOurs = settings.tor.running === undefined;
  let told = false;
  let firstAttemptMs: number | undefined;
  let renewedAt = Number.NEGATIVE_INFINITY;
  let answeredAt = Number.NEGATIVE_INFINITY;
  let stuckAt = Number.NEGATIVE_INFINITY;
  /** Once for all dials: it ends every descriptor fetch that is running. */
  const newCircuits = async (): Promise<void> => {
    if (performance.now() - renewedAt < RENEW_EVERY_MS) return;
    renewedAt = performance.now();
    await tor.newCircuits();
  };
  /**
   * An introduction point may still take what a service that has just ended will never answer. For as
   * long as tor waits for that, a minute, it puts each dial of the same isolation behind it.
   */
  const leaveStuckCircuits = (): void => {
    if (performance.now() - stuckAt < STUCK_TOGETHER_MS) return;
    stuckAt = performance.now();
    session = newIsolation();
  };
  const patienceFor = (address: OnionAddress): RetryOptions => ({
    overallMs: address === onion ? REACH_MS : REACH_BACKEND_MS,
    firstAttemptMs,
    // That would disturb other users of a tor that is not ours.
    newCircuits: isOurs ? newCircuits : undefined,
    ready: (until: AbortSignal): Promise<void> => tor.ready(until),
    onRetry: (error: OnionferryError): void => {
      settings.logger.debug(`the relay was not reached, dialling again: ${error.message}`);
      if (isFromNetwork(error)) answeredAt = performance.now();
      if (hasCode(error, 'ERR_TIMEOUT')) leaveStuckCircuits();
      if (!told) emit({ event: 'waiting', reason: 'the address does not answer yet' });
      told = true;
    },
  });
  const agent = new OnionAgent({
    get socks(): TorEndpoint {
      return tor.socks;
    },
    get isolation(): string {
      return isolated(REQUESTS_CIRCUIT);
    },
    retry: patienceFor,
  });
  const client = new HttpRelayClient({
    host: onion,
    agent,
    dial: ({ home = onion, isolation, first, signal }) =>
      dialWithRetries({
        ...patienceFor(home),
        get socks(): TorEndpoint {
          return tor.socks;
        },
        get isolation(): string {
          return isolated(isolation);
        },
        onion: home,
        port: STREAM_PORT,
        first,
        signal,
      }),
    credentials: { user: RELAY_USER, password },
    logger: settings.logger,
  });
  const { clientKey } = options;
  return {
    onion,
    door: clientKey === undefined ? OPEN : { kind: 'shared-key', key: clientKey },
    client,
    renewCircuits(): void {
      session = newIsolation();
      firstAttemptMs = AGAIN_MS;
      agent.dropConnections();
    },
    async wake(): Promise<void> {
      if (!isOurs || performance.now() - answeredAt < AWAKE_MS) return;
      await tor.wake().catch((error: unknown) => {
        settings.logger.debug(`tor could not be woken: ${String(error)}`);
      });
    },
    async [Symbol.asyncDispose](): Promise<void> {
      await client.close();
      agent.destroy();
    },
  };
}

function isFromNetwork(error: OnionferryError): boolean {
  return error instanceof SocksRefusal && FROM_NETWORK.has(error.reply);
}
