import { once } from 'node:events';
import { deadline } from '../../base/deadline.js';
import { OnionferryError } from '../../base/errors.js';
import { relayPages } from '../../pages/relay/relay-pages.js';
import { formatPassword, generatePassword } from '../../pake/password.js';
import { RELAY_USER } from '../../relay-protocol/wire.js';
import { type Handle, start, type Work } from '../handle.js';
import { openTor } from '../open-tor.js';
import { hostRelay } from '../relay-host.js';
import { type Option, type Settings, settle } from '../settings.js';
import { takeIdentity } from '../take-identity.js';

/** Runs a relay for others behind an onion address, until it is closed or expires. */
export function relay(...options: readonly Option[]): Handle<void> {
  const settings = settle(options);
  return start((work) => run(settings, work), settings.signal);
}

async function run(settings: Settings, work: Work): Promise<void> {
  const password = settings.password ?? formatPassword(generatePassword());
  await using taken = await takeIdentity(settings, work, { holder: 'relay', busy: 'refuse' });
  await using open = await openTor(settings, work);
  const { tor, signal } = open;
  const { identity } = taken;
  await using place = await hostRelay({
    tor,
    identity,
    door: password,
    remoteSenders: true,
    pages: relayPages(settings.logger, settings.middleware),
    middleware: settings.middleware,
    settings,
    signal,
  });
  const url = `http://${place.onion}/`;
  const { onion } = place;
  work.emit({ event: 'online', onion, url, user: RELAY_USER, password, invitation: url });
  const expiry = settings.expiryMs;
  using end =
    expiry === undefined
      ? undefined
      : deadline(expiry, () => new OnionferryError('ERR_TIMEOUT', 'expired'), signal);
  const until = end?.signal ?? signal;
  if (!until.aborted) await once(until, 'abort');
  // An expiry is what was asked for; anything else is told.
  signal.throwIfAborted();
}
