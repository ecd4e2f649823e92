import { once } from 'node:events';
import { type RequestHandler, Router } from 'express';
import type { Credentials } from '../base/authorization.js';
import { deadline, sleep } from '../base/deadline.js';
import type { OnionAddress } from '../onion/address.js';
import type { Identity } from '../onion/identity.js';
import type { SignedLinks } from '../onion-http/basic-auth.js';
import { Draining } from '../onion-http/handlers.js';
import { DEFAULT_HTTP_LIMITS } from '../onion-http/limits.js';
import type { OnionHttpServer } from '../onion-http/onion-http-server.js';
import type { Siblings } from '../pages/parallel/siblings.js';
import { startWeb } from '../pages/server/create-pages.js';
import { PageRefusal } from '../pages/server/refusal.js';
import type { Downloads } from '../pages/share/downloads.js';
import { formatPassword, generatePassword } from '../pake/password.js';
import { type Door, doorEvent } from './door.js';
import { drainingService } from './draining-service.js';
import { EphemeralSiblings } from './ephemeral-siblings.js';
import type { Work } from './handle.js';
import { type Hosted, hostOnion, type OnionHttp } from './host-onion.js';
import { openTor } from './open-tor.js';
import type { Settings } from './settings.js';
import { takeIdentity } from './take-identity.js';
import { Visits } from './visits.js';

/** So long after the end visitors still see a page that says so, and tor delivers the last bytes. */
const CLOSED_PAGE_MS = 30_000;
const SETTLING = 'the limit is reached; downloads that failed can be repeated for some minutes';
const CLOSING = 'it is over; for half a minute visitors are told so';

/** What a server behind an onion is started with. */
export interface Serving {
  readonly credentials: Credentials;
  readonly identity: Identity;
  readonly draining: Draining;
  /** For what is worth more than one circuit; none at a private address */
  readonly siblings: Siblings | undefined;
  readonly directory: string;
  /** Wants to know of visitors. */
  readonly audience: Visits;
  readonly signal: AbortSignal;
}

/** What else is served at the same address. */
export interface Beside<Server extends OnionHttp>
  extends Omit<Hosted<Server>, keyof AsyncDisposable> {
  readonly identity: Identity;
  readonly door: Door;
  /** When nobody else is let in; it ends when all are served. */
  readonly until: AbortSignal;
  readonly work: Work;
}

export interface ServeOnionOptions<Summary, Server extends OnionHttp = OnionHttpServer> {
  /** What the holder of the identity is called */
  readonly holder: string;
  readonly start: (serving: Serving) => Promise<Server>;
  /** Ports besides HTTP_PORT, with their unix sockets */
  readonly ports?: (server: Server) => Readonly<Record<number, string>>;
  /** What its server takes of one circuit */
  readonly connectionsPerCircuit?: number;
  /** In `online`; otherwise the address with user name and password */
  readonly invitation?: (onion: OnionAddress, door: Door) => string;
  /** Runs beside the pages. */
  readonly beside?: (beside: Beside<Server>) => Promise<void>;
  /** Aborts when everything that may be taken has been */
  readonly usedUp?: AbortSignal | undefined;
  /** Those who have not shown that they have it all may come back, for some time. */
  readonly settling?: Pick<Downloads, 'isSettled' | 'settled' | 'decided'>;
  /** Called when the last request has been answered; `isOver` is false if it was only asked to stop */
  readonly finish: (isOver: boolean) => Summary;
  readonly settings: Settings;
  readonly work: Work;
}

/**
 * Serves HTTP behind an onion address until it expires or is used up. Requests that run then are
 * served to their end, and later visitors see for a while that it is over. One that is suspended
 * ends at once: nothing of it could be resumed.
 */
export async function serveOnion<Summary, Server extends OnionHttp = OnionHttpServer>(
  options: ServeOnionOptions<Summary, Server>,
): Promise<Summary> {
  return await drainingService(
    options.work,
    options.settings.drain,
    (work) => serve({ ...options, work }),
    () => options.finish(false),
  );
}

async function serve<Summary, Server extends OnionHttp>(
  options: ServeOnionOptions<Summary, Server>,
): Promise<Summary> {
  const { holder, start, ports, beside, usedUp, settling, finish, settings, work } = options;
  const { connectionsPerCircuit = DEFAULT_HTTP_LIMITS.connectionsPerCircuit } = options;
  const password = settings.password ?? formatPassword(generatePassword());
  const credentials = { user: settings.user, password };
  await using taken = await takeIdentity(settings, work, { holder, busy: 'refuse' });
  await using open = await openTor(settings, work);
  const { identity, door } = taken;
  const { tor, signal } = open;
  const draining = new Draining();
  await using published = new EphemeralSiblings({ tor, signal, logger: settings.logger });
  const siblings = door.kind === 'open' ? published : undefined;
  using audience = new Visits(work.emit);
  await using hosted = await hostOnion({
    ...{ tor, identity, door, signal },
    start: (directory) =>
      start({ credentials, identity, draining, siblings, directory, audience, signal }),
    ...(ports !== undefined && { ports }),
    streamsPerCircuit: connectionsPerCircuit,
  });
  announce(hosted.onion, door, credentials, options);
  using expiry =
    settings.expiryMs === undefined ? undefined : deadline(settings.expiryMs, 'expired', signal);
  const drain = settings.drain?.signal;
  const ends = [signal, expiry?.signal, usedUp, drain].filter((end) => end !== undefined);
  const end = AbortSignal.any(ends);
  const { onion, server } = hosted;
  const during = { ...work, signal };
  const served = beside?.({ onion, server, identity, door, until: end, work: during });
  const over = end.aborted ? Promise.resolve([]) : once(end, 'abort');
  try {
    // It goes on until the end, unless it fails.
    await Promise.race([over, served?.then(() => over) ?? over]);
    signal.throwIfAborted();
    if (usedUp?.aborted === true && settling !== undefined) {
      if (!settling.isSettled) work.emit({ event: 'waiting', reason: SETTLING, isDone: true });
      // Ctrl-C only saves time now.
      await settling.settled(signal).catch(() => undefined);
    }
    draining.end(new PageRefusal(usedUp?.aborted === true ? 'limit-reached' : 'expired'));
    await Promise.all([draining.quiet(signal), served]);
    await settling?.decided(signal).catch(() => undefined);
  } finally {
    await Promise.allSettled([served]);
  }
  // One that had to go has not failed, whatever it has served. A failure is told at once.
  const summary = finish(drain?.aborted !== true);
  // What a reply's last bytes wait for is with tor; whom nobody visits need not stay.
  const leftMs = drain?.aborted === true ? CLOSED_PAGE_MS - draining.quietMs : CLOSED_PAGE_MS;
  if (leftMs > 0) {
    if (drain?.aborted !== true) work.emit({ event: 'waiting', reason: CLOSING, isDone: true });
    // Closing now is no failure: the work is done.
    await sleep(leftMs, signal).catch(() => undefined);
  }
  return summary;
}

export interface ServePagesOptions<Summary>
  extends Omit<ServeOnionOptions<Summary>, 'start' | 'ports' | 'beside' | 'invitation'> {
  /** What is served at the address of `identity` */
  readonly routes: (identity: Identity, siblings: Siblings | undefined) => RequestHandler;
  /** What opens single downloads without Basic auth */
  readonly signedLinks?: SignedLinks;
}

/** Serves pages of ours, as above. */
export function servePages<Summary>(options: ServePagesOptions<Summary>): Promise<Summary> {
  const { routes, signedLinks, settings } = options;
  const { logger, middleware } = settings;
  return serveOnion({
    ...options,
    start: ({ identity, draining, siblings, ...serving }) =>
      startWeb({
        ...{ ...serving, signedLinks, middleware, logger },
        routes: Router().use(draining.admit, routes(identity, siblings)),
      }),
  });
}

function announce(
  onion: OnionAddress,
  door: Door,
  { user, password }: Credentials,
  { invitation: invite, work }: Pick<ServeOnionOptions<never>, 'invitation' | 'work'>,
): void {
  const url = `http://${onion}/`;
  const login = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;
  const invitation = invite?.(onion, door) ?? `http://${login}@${onion}/`;
  work.emit({ event: 'online', onion, url, user, password, invitation, ...doorEvent(door) });
}
