import { once } from 'node:events';
import { deadline } from '../../base/deadline.js';
import { OnionferryError } from '../../base/errors.js';
import { countText } from '../../base/quantities.js';
import type { Identity } from '../../onion/identity.js';
import { relayPages } from '../../pages/relay/relay-pages.js';
import { formatPassword, generatePassword } from '../../pake/password.js';
import type { Directory } from '../../relay/directory/directory.js';
import type { RelayCounts } from '../../relay/server/relay-counts.js';
import { Tally } from '../../relay/server/tally.js';
import { RELAY_USER } from '../../relay-protocol/wire.js';
import { doorEvent } from '../door.js';
import { drainingService } from '../draining-service.js';
import { type OnlineHandle, startOnline, type Work } from '../handle.js';
import { openTor } from '../open-tor.js';
import { RelayReports } from '../relay-reports.js';
import type { Option, Settings } from '../settings.js';
import { assertStrongPassword } from '../strong-password.js';
import { takeIdentity } from '../take-identity.js';
import { type HostedRelay, hostRelay } from '../transfers/relay-host.js';
import { settingsFor } from '../verb-options.js';
import { Visits } from '../visits.js';

/** The handle of a relay. */
export interface RelayHandle extends OnlineHandle<void> {
  /** What it has done so far and does now: zeros before it is online, and the last ones after its end. */
  counts(): RelayCounts;
}

/**
 * Runs a relay for others behind an onion address, until it is closed or expires. With `withDrain` it
 * lets nobody in any more once that aborts, and ends after the last transfer that runs.
 *
 * @example
 * ```ts
 * const running = relay();
 * const { onion, password } = await running.online;
 * const sending = send(['slides.pdf'], withRelay(onion, password), withEphemeral());
 * ```
 */
export function relay(...options: readonly Option<'relay'>[]): RelayHandle {
  const settings = settingsFor('relay', options);
  assertStrongPassword(settings);
  let counts = (): RelayCounts => new Tally().counts(0, 0, 0);
  const onHosted = ({ server }: HostedRelay): void => {
    counts = () => server.counts();
  };
  const handle = startOnline(
    (own) =>
      drainingService(
        own,
        settings.drain,
        (work) => run(settings, work, onHosted),
        () => undefined,
      ),
    settings.signal,
  );
  return Object.assign(handle, { counts: () => counts() });
}

async function run(
  settings: Settings,
  work: Work,
  onHosted: (relay: HostedRelay) => void,
): Promise<void> {
  const { password = formatPassword(generatePassword()), expiryMs, logger, middleware } = settings;
  await using taken = await takeIdentity(settings, work, { holder: 'relay', busy: 'refuse' });
  const { identity, door } = taken;
  const { backends } = settings;
  // Who is sent on to another address has no key for it.
  if (backends !== undefined && door.kind !== 'open') throw isPrivate();
  await using open = await openTor(settings, work);
  const { tor, signal } = open;
  await using directory = await openDirectory(settings, { identity, password, signal });
  using audience = new Visits(work.emit);
  await using hosted = await hostRelay({
    ...{ tor, identity, door, password, settings, signal },
    backend: directory && { onion: identity.address, front: backends?.front, directory },
    remoteSenders: true,
    audience,
    pages: relayPages(logger, middleware),
    middleware,
  });
  onHosted(hosted);
  const { server } = hosted;
  const onion = backends?.front ?? hosted.onion;
  const url = `http://${onion}/`;
  const place = { onion, url, user: RELAY_USER, password, invitation: url };
  const own = onion === hosted.onion ? {} : { backend: hosted.onion };
  work.emit({ event: 'online', ...place, ...own, ...doorEvent(door) });
  using _ = new RelayReports({ emit: work.emit, counts: () => server.counts() });
  using expiry = expiryMs === undefined ? undefined : deadline(expiryMs, 'expired', signal);
  const drain = settings.drain?.signal;
  const ends = [signal, expiry?.signal, drain].filter((one) => one !== undefined);
  const end = AbortSignal.any(ends);
  if (!end.aborted) await once(end, 'abort');
  // To expire is no failure; anything else is.
  signal.throwIfAborted();
  if (drain?.aborted !== true) return;
  await server.drain();
  const { pairs } = server.counts();
  if (pairs > 0) {
    const reason = `nobody is let in any more; waiting for ${countText(pairs, 'running transfer')} to end`;
    work.emit({ event: 'waiting', reason });
  }
  await server.quiet(signal);
}

interface BackendOf {
  readonly identity: Identity;
  readonly password: string;
  readonly signal: AbortSignal;
}

/** @throws OnionferryError ERR_RELAY if the store cannot be used */
async function openDirectory(
  { backends, logger }: Settings,
  { identity, password: relayPassword, signal }: BackendOf,
): Promise<Directory | undefined> {
  if (backends === undefined) return undefined;
  const { location, storePassword: password } = backends;
  // A relay alone does without.
  const { openStoreDirectory } = await import('../../relay/directory/store-directory.js');
  const onion = identity.address;
  return await openStoreDirectory({ location, password, relayPassword, onion, logger, signal });
}

function isPrivate(): OnionferryError {
  return new OnionferryError(
    'ERR_USAGE',
    'a private address cannot share its channels with others: those that they send here have no key for it',
  );
}
