import { once } from 'node:events';
import { type RequestHandler, Router } from 'express';
import type { Credentials } from '../base/authorization.js';
import { deadline, sleep } from '../base/deadline.js';
import type { Identity } from '../onion/identity.js';
import type { SignedLinks } from '../onion-http/basic-auth.js';
import { Draining } from '../onion-http/handlers.js';
import { DEFAULT_HTTP_LIMITS } from '../onion-http/limits.js';
import type { OnionHttpServer } from '../onion-http/onion-http-server.js';
import { startWeb } from '../pages/server/create-pages.js';
import { PageRefusal } from '../pages/server/refusal.js';
import { formatPassword, generatePassword } from '../pake/password.js';
import { untilSuspended, type Work } from './handle.js';
import { hostOnion } from './host-onion.js';
import { openTor } from './open-tor.js';
import type { Settings } from './options.js';
import { takeIdentity } from './take-identity.js';

/** So long after the end visitors still see a page that says so. */
const CLOSED_PAGE_MS = 30_000;

/** What a server behind an onion is started with. */
export interface Serving {
  readonly credentials: Credentials;
  readonly identity: Identity;
  readonly draining: Draining;
  readonly directory: string;
  readonly signal: AbortSignal;
}

export interface ServeOnionOptions<Summary> {
  /** What the holder of the identity is called */
  readonly holder: string;
  readonly start: (serving: Serving) => Promise<OnionHttpServer>;
  /** Aborts when everything that may be taken has been */
  readonly usedUp?: AbortSignal | undefined;
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
export async function serveOnion<Summary>(options: ServeOnionOptions<Summary>): Promise<Summary> {
  return await untilSuspended(options.work, serve(options), () => options.finish(false));
}

async function serve<Summary>(options: ServeOnionOptions<Summary>): Promise<Summary> {
  const { holder, start, usedUp, finish, settings, work } = options;
  const password = settings.password ?? formatPassword(generatePassword());
  const credentials = { user: settings.user, password };
  await using taken = await takeIdentity(settings, work, { holder, busy: 'refuse' });
  await using open = await openTor(settings, work);
  const { identity } = taken;
  const { tor, signal } = open;
  const draining = new Draining();
  await using hosted = await hostOnion({
    ...{ tor, identity, signal },
    start: (directory) => start({ credentials, identity, draining, directory, signal }),
    streamsPerCircuit: DEFAULT_HTTP_LIMITS.connectionsPerCircuit,
  });
  announce(hosted.onion, credentials, work);
  using expiry =
    settings.expiryMs === undefined ? undefined : deadline(settings.expiryMs, 'expired', signal);
  const ends = [signal, expiry?.signal, usedUp].filter((end) => end !== undefined);
  const end = AbortSignal.any(ends);
  if (!end.aborted) await once(end, 'abort');
  signal.throwIfAborted();
  draining.end(new PageRefusal(usedUp?.aborted === true ? 'limit-reached' : 'expired'));
  await draining.quiet(signal);
  try {
    return finish(true);
  } finally {
    // Closing now is no failure: the work is done.
    await sleep(CLOSED_PAGE_MS, signal).catch(() => undefined);
  }
}

export interface ServePagesOptions<Summary> extends Omit<ServeOnionOptions<Summary>, 'start'> {
  /** What is served at the address of `identity` */
  readonly routes: (identity: Identity) => RequestHandler;
  /** What opens single downloads without Basic auth */
  readonly signedLinks?: SignedLinks;
}

/** Serves pages of ours, as above. */
export function servePages<Summary>(options: ServePagesOptions<Summary>): Promise<Summary> {
  const { routes, signedLinks, settings } = options;
  const { logger, middleware } = settings;
  return serveOnion({
    ...options,
    start: ({ identity, draining, ...serving }) =>
      startWeb({
        ...{ ...serving, signedLinks, middleware, logger },
        routes: Router().use(draining.admit, routes(identity)),
      }),
  });
}

function announce(onion: string, { user, password }: Credentials, { emit }: Work): void {
  const url = `http://${onion}/`;
  const login = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;
  const invitation = `http://${login}@${onion}/`;
  emit({ event: 'online', onion, url, user, password, invitation });
}
