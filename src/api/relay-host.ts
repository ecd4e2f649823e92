import { randomBytes, toBase64Url } from '../base/bytes.js';
import type { OnionferryError } from '../base/errors.js';
import type { OnionAddress } from '../onion/address.js';
import type { Identity } from '../onion/identity.js';
import type { Middleware } from '../onion-http/handlers.js';
import type { Answer } from '../onion-http/onion-http-server.js';
import { HttpRelayClient } from '../relay/client/http-relay-client.js';
import type { RelayLimits } from '../relay/limits.js';
import { startRelay } from '../relay/server/start-relay.js';
import type { RelayClient } from '../relay-protocol/relay-client.js';
import { RELAY_USER, STREAM_PORT } from '../relay-protocol/wire.js';
import type { TorEndpoint } from '../tor/control/endpoint.js';
import { dialWithRetries } from '../tor/dial/dial-with-retries.js';
import { OnionAgent } from '../tor/dial/onion-agent.js';
import { SocksRefusal } from '../tor/dial/socks-refusal.js';
import type { Tor } from '../tor/instance/tor.js';
import type { Work } from './handle.js';
import { hostOnion } from './host-onion.js';
import type { Settings } from './settings.js';

/** How long an address is dialled that does not answer: its service may only be starting. */
const REACH_MS = 60_000;

/** A dial of a service that was there: if it has been restarted, what tor knows of it is wrong. */
const AGAIN_MS = 10_000;
/** tor forgets what it knows of services at most this often. */
const RENEW_EVERY_MS = 10_000;
/** A tor whose network has answered within this time needs no waking. */
const AWAKE_MS = 30_000;

/** SOCKS replies that come of a directory's answer (F0), or of an introduction point's (F2). */
const FROM_NETWORK: ReadonlySet<number> = new Set([0xf0, 0xf2]);

/** A relay and how this side reaches it. */
export interface RelayHost extends AsyncDisposable {
  readonly onion: OnionAddress;
  readonly access: RelayClient;
  /**
   * For who has lost all connections to the relay: new ones use no circuit of before, and what is
   * known of the relay's service is soon looked up again.
   */
  afresh(): void;
  /**
   * For who has lost all connections to the relay and cannot make new ones: has tor connect to its
   * network afresh, which ends all connections of this tor, unless the network has just told it that
   * the relay is not there. Resolves when it has, and that may take
   * as long as the network is away.
   */
  wake(): Promise<void>;
}

export interface HostOptions {
  readonly tor: Tor;
  readonly identity: Identity;
  /** What Basic auth asks for. */
  readonly door: string;
  /** Whether others may send over it. */
  readonly remoteSenders: boolean;
  readonly pages?: Answer | undefined;
  readonly middleware?: readonly Middleware[] | undefined;
  readonly limits?: Partial<RelayLimits>;
  readonly settings: Settings;
  readonly signal: AbortSignal;
}

/** Runs a relay in this process behind an onion service; resolves when that can be reached. */
export async function hostRelay(options: HostOptions): Promise<RelayHost> {
  const { tor, identity, door, settings, signal } = options;
  const { remoteSenders, pages, middleware, limits = {} } = options;
  const { logger } = settings;
  const hosted = await hostOnion({
    ...{ tor, identity, signal },
    start: (directory) =>
      startRelay({
        credentials: { user: RELAY_USER, password: door },
        ...{ directory, remoteSenders, pages, middleware, limits, logger, signal },
      }),
    ports: ({ streamSocket }) => ({ [STREAM_PORT]: streamSocket }),
  });
  return {
    onion: hosted.onion,
    access: hosted.server.local,
    afresh: () => undefined,
    // The tor of a service looks after its network by itself.
    wake: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => hosted[Symbol.asyncDispose](),
  };
}

export interface ReachOptions {
  readonly tor: Tor;
  readonly onion: OnionAddress;
  /** What Basic auth asks for. */
  readonly password: string;
  readonly settings: Settings;
  readonly emit: Work['emit'];
}

/** Another's relay, through Tor. Nothing is dialled yet. */
export function reachRelay({ tor, onion, password, settings, emit }: ReachOptions): RelayHost {
  // A name of its own for this call: its circuits are shared with nothing else.
  let session = newSession();
  const isolated = (name: string): string => `${session}-${name}`;
  const isOurs = settings.tor.running === undefined;
  let told = false;
  let firstAttemptMs: number | undefined;
  let renewedAt = Number.NEGATIVE_INFINITY;
  let answeredAt = Number.NEGATIVE_INFINITY;
  /** One for all dials: each ends the looks of the others that are under way. */
  const newCircuits = async (): Promise<void> => {
    if (performance.now() - renewedAt < RENEW_EVERY_MS) return;
    renewedAt = performance.now();
    await tor.newCircuits();
  };
  const patience = {
    overallMs: REACH_MS,
    get firstAttemptMs(): number | undefined {
      return firstAttemptMs;
    },
    // To somebody else's tor that would be a disturbance.
    newCircuits: isOurs ? newCircuits : undefined,
    ready: (until: AbortSignal): Promise<void> => tor.ready(until),
    onRetry: (error: OnionferryError): void => {
      settings.logger.debug(`dialling again: ${error.message}`);
      if (isFromNetwork(error)) answeredAt = performance.now();
      if (!told) emit({ event: 'waiting', reason: 'the address does not answer yet' });
      told = true;
    },
  };
  const agent = new OnionAgent({
    get socks(): TorEndpoint {
      return tor.socks;
    },
    get isolation(): string {
      return isolated('0');
    },
    retry: patience,
  });
  const access = new HttpRelayClient({
    host: onion,
    agent,
    dial: ({ isolation, first, signal }) =>
      dialWithRetries({
        ...patience,
        get socks(): TorEndpoint {
          return tor.socks;
        },
        onion,
        port: STREAM_PORT,
        isolation: isolated(isolation),
        first,
        signal,
      }),
    credentials: { user: RELAY_USER, password },
    logger: settings.logger,
  });
  return {
    onion,
    access,
    afresh(): void {
      session = newSession();
      firstAttemptMs = AGAIN_MS;
      agent.dropConnections();
    },
    async wake(): Promise<void> {
      if (!isOurs || performance.now() - answeredAt < AWAKE_MS) return;
      await tor.wake().catch((error: unknown) => {
        settings.logger.debug(`waking tor: ${String(error)}`);
      });
    },
    async [Symbol.asyncDispose](): Promise<void> {
      await access.close();
      agent.destroy();
    },
  };
}

function isFromNetwork(error: OnionferryError): boolean {
  return error instanceof SocksRefusal && FROM_NETWORK.has(error.reply);
}

function newSession(): string {
  return toBase64Url(randomBytes(9));
}
