import { once } from 'node:events';
import { Router } from 'express';
import type { Credentials } from '../base/authorization.js';
import { deadline, sleep } from '../base/deadline.js';
import { OnionferryError } from '../base/errors.js';
import type { Identity } from '../onion/identity.js';
import type { SignedLinks } from '../onion-http/signed-links.js';
import { Draining } from '../pages/server/draining.js';
import { formatPassword, generatePassword } from '../pake/password.js';
import type { Work } from './handle.js';
import { hostPages } from './host-pages.js';
import { openTor } from './open-tor.js';
import type { Settings } from './options.js';
import { takeIdentity } from './take-identity.js';

/** So long those who come too late are told why. */
const RECEIPT_ACK_MS = 30_000;

export interface ServePagesOptions<Summary> {
  /** What the holder of the identity is called */
  readonly holder: string;
  /** What is served at the address of `identity` */
  readonly routes: (identity: Identity) => Router;
  /** What opens single downloads without Basic auth */
  readonly signedLinks?: SignedLinks;
  /** Aborts when as much was taken as may be */
  readonly usedUp?: AbortSignal;
  /** Called when the last request is through */
  readonly finish: () => Summary;
  readonly settings: Settings;
  readonly work: Work;
}

/**
 * Serves pages behind an onion address, until they expire or are used up. What is under way then is
 * served to its end, and for a while those who come too late see a page that says so.
 */
export async function servePages<Summary>(options: ServePagesOptions<Summary>): Promise<Summary> {
  const { holder, settings, work } = options;
  const password = settings.password ?? formatPassword(generatePassword());
  const door = { user: settings.user, password };
  await using taken = await takeIdentity(settings, work, { holder, busy: 'refuse' });
  await using open = await openTor(settings, work);
  const { tor, signal } = open;
  const hours = new Draining();
  const routes = Router().use(hours.admit, options.routes(taken.identity));
  await using pages = await hostPages({
    ...{ tor, door, routes, settings, signal },
    identity: taken.identity,
    signedLinks: options.signedLinks,
  });
  announce(pages.onion, door, work);
  using expiry =
    settings.expiryMs === undefined
      ? undefined
      : deadline(settings.expiryMs, () => new OnionferryError('ERR_TIMEOUT', 'expired'), signal);
  const ends = [signal, expiry?.signal, options.usedUp].filter((end) => end !== undefined);
  const end = AbortSignal.any(ends);
  if (!end.aborted) await once(end, 'abort');
  signal.throwIfAborted();
  hours.end(options.usedUp?.aborted === true ? 'limit-reached' : 'expired');
  await hours.quiet(signal);
  try {
    return options.finish();
  } finally {
    // Whoever does not want to wait for that interrupts nothing.
    await sleep(RECEIPT_ACK_MS, signal).catch(() => undefined);
  }
}

function announce(onion: string, { user, password }: Credentials, { emit }: Work): void {
  const url = `http://${onion}/`;
  const door = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;
  const invitation = `http://${door}@${onion}/`;
  emit({ event: 'online', onion, url, user, password, invitation });
}
