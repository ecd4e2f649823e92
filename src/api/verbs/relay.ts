import { once } from 'node:events';
import { deadline } from '../../base/deadline.js';
import { relayPages } from '../../pages/relay/relay-pages.js';
import { formatPassword, generatePassword } from '../../pake/password.js';
import { RELAY_USER } from '../../relay-protocol/wire.js';
import { doorEvent } from '../door.js';
import { type OnlineHandle, startOnline, untilSuspended, type Work } from '../handle.js';
import { openTor } from '../open-tor.js';
import type { Option, Settings } from '../settings.js';
import { assertStrongPassword } from '../strong-password.js';
import { takeIdentity } from '../take-identity.js';
import { hostRelay } from '../transfers/relay-host.js';
import { settingsFor } from '../verb-options.js';
import { Visits } from '../visits.js';

/**
 * Runs a relay for others behind an onion address, until it is closed or expires.
 *
 * @example
 * ```ts
 * const running = relay();
 * const { onion, password } = await running.online;
 * const sending = send(['slides.pdf'], withRelay(onion, password), withEphemeral());
 * ```
 */
export function relay(...options: readonly Option<'relay'>[]): OnlineHandle<void> {
  const settings = settingsFor('relay', options);
  assertStrongPassword(settings);
  return startOnline(
    (work) => untilSuspended(work, run(settings, work), () => undefined),
    settings.signal,
  );
}

async function run(settings: Settings, work: Work): Promise<void> {
  const { password = formatPassword(generatePassword()), expiryMs, logger, middleware } = settings;
  await using taken = await takeIdentity(settings, work, { holder: 'relay', busy: 'refuse' });
  await using open = await openTor(settings, work);
  const { tor, signal } = open;
  const { identity, door } = taken;
  using audience = new Visits(work.emit);
  await using hosted = await hostRelay({
    ...{ tor, identity, door, password, settings, signal },
    remoteSenders: true,
    audience,
    pages: relayPages(logger, middleware),
    middleware,
  });
  const { onion } = hosted;
  const url = `http://${onion}/`;
  const place = { onion, url, user: RELAY_USER, password, invitation: url };
  work.emit({ event: 'online', ...place, ...doorEvent(door) });
  using expiry = expiryMs === undefined ? undefined : deadline(expiryMs, 'expired', signal);
  const ends = [signal, expiry?.signal, settings.drain].filter((one) => one !== undefined);
  const end = AbortSignal.any(ends);
  if (!end.aborted) await once(end, 'abort');
  // To expire is no failure; anything else is.
  signal.throwIfAborted();
}
