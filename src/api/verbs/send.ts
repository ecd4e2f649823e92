import { createReadStream } from 'node:fs';
import path from 'node:path';
import { OnionferryError } from '../../base/errors.js';
import { isUntoldFile, UNTOLD } from '../../disk/untold-size.js';
import { encodeIdentityPem } from '../../onion/pem.js';
import { generatePassword, type Password, parsePassword } from '../../pake/password.js';
import { guessLimitFor } from '../../session/meeting/guess-limit.js';
import { inTurns } from '../../session/meeting/in-turns.js';
import type { Source } from '../../session/sending/source.js';
import type { RecordedRelay, SourceRules } from '../../transfer/record/record.js';
import { contentSource } from '../../transfer/source/content-source.js';
import { type FileSource, fileSource } from '../../transfer/source/file-source.js';
import { streamSource, textSource } from '../../transfer/source/stream-source.js';
import { showKey } from '../door.js';
import { EphemeralSiblings } from '../ephemeral-siblings.js';
import type { FerryEvent, TransferSummary } from '../events.js';
import { type OnlineHandle, startOnline, untilSuspended, type Work } from '../handle.js';
import { openTor } from '../open-tor.js';
import { usageError } from '../options.js';
import type { Option, Settings } from '../settings.js';
import { assertStrongWords } from '../strong-password.js';
import { takeIdentity } from '../take-identity.js';
import { TorAhead } from '../tor-ahead.js';
import { EarlyDial, keyFor } from '../transfers/early-dial.js';
import { isMuch, placeOf } from '../transfers/invitation-to.js';
import { keptOffer } from '../transfers/kept-offer.js';
import type { ServeRecipientsOptions } from '../transfers/offered.js';
import type * as Pages from '../transfers/offered-pages.js';
import { hostRelay, reachRelay } from '../transfers/relay-host.js';
import {
  type ByteStream,
  parseSendInput,
  type Sendable,
  type SendInput,
} from '../transfers/send-input.js';
import { serveRecipients } from '../transfers/serve-recipients.js';
import { settingsFor } from '../verb-options.js';

export type { ByteStream, SendInput };

/** If looking through what is sent takes longer, tor starts meanwhile. Most mistakes show before. */
const SLOW_SCAN_MS = 100;

/**
 * Waits behind an onion address for a recipient who knows the password, and sends to it.
 *
 * Wrong passwords never end it, nor does a recipient that declines. With `withKeep` it serves any
 * number of recipients side by side.
 *
 * @example
 * ```ts
 * const sending = send(['holiday.jpg', 'letters'], withExpiry(60 * 60_000));
 * sending.on('progress', ({ bytes, total }) => console.log(bytes, total));
 * console.log((await sending.online).invitation);
 * await sending.done;
 * ```
 */
export function send(
  what: SendInput,
  ...options: readonly Option<'send'>[]
): OnlineHandle<TransferSummary> {
  const settings = settingsFor('send', options);
  const chosen = settings.password === undefined ? undefined : parsePassword(settings.password);
  assertStrongWords(settings);
  const sendable = parseSendInput(what);
  checkDoor(settings);
  if (settings.keep && sendable.kind === 'stream')
    throw usageError('a stream can be sent only once');
  if (settings.keep && settings.relay !== undefined && chosen !== undefined) {
    // Otherwise a recipient could, together with the relay, pose as the sender to the next one.
    throw usageError(
      'on somebody else’s relay each recipient needs a new password; do not choose one',
    );
  }
  const password = chosen ?? generatePassword();
  return startOnline(async (work) => {
    await using torAhead = new TorAhead(...options);
    const slow = setTimeout(() => torAhead.begin(), SLOW_SCAN_MS);
    const opened = await openSource(sendable, settings, work.signal).finally(() =>
      clearTimeout(slow),
    );
    await using source = opened.source;
    for (const message of source.warnings) work.emit({ event: 'warning', message });
    let last: TransferSummary = { bytes: 0, files: 0, seconds: 0, circuits: 0 };
    const emit = (event: FerryEvent): void => {
      if (event.event === 'done') last = event;
      work.emit(event);
    };
    const sending = {
      ...{ ...opened, source, password },
      settings: { ...settings, torAhead },
      work: { ...work, emit },
    };
    const serving =
      settings.relay === undefined
        ? serveOnOwnRelay(sending)
        : serveOnRelay(settings.relay, sending);
    // With nobody to serve it is a service like others.
    return settings.keep ? await untilSuspended(work, serving, () => last) : await serving;
  }, settings.signal);
}

/** @throws OnionferryError ERR_USAGE */
function checkDoor({ relay, isPrivate, clientKey }: Settings): void {
  if (isPrivate && relay !== undefined) {
    throw usageError(
      'whether somebody else’s relay is private is up to its owner; give the key for it as the client key',
    );
  }
  if (clientKey !== undefined && relay === undefined) {
    throw usageError('a client key is for the relay of somebody else; name that as well');
  }
}

interface Sending extends OpenedSource {
  readonly password: Password;
  readonly settings: Settings;
  readonly work: Work;
}

async function serveOnOwnRelay(sending: Sending): Promise<TransferSummary> {
  const { password, settings, work } = sending;
  await using taken = await takeIdentity(settings, work, { holder: 'send', busy: 'go-ephemeral' });
  const { identity, door, name } = taken;
  const much = isMuch(sending.source.manifest);
  const place = placeOf({ onion: identity.address, door, password, isMuch: much, settings });
  work.emit({ event: 'address', ...place });
  // While tor connects: what serves is half of the program.
  let loading: ReturnType<typeof loadServing> | undefined;
  const emit = (event: FerryEvent): void => {
    if (event.event === 'tor') loading ??= loadServing();
    work.emit(event);
  };
  await using open = await openTor(settings, { ...work, emit });
  const { tor, signal } = open;
  const { access } = password;
  const { offeredPages } = await (loading ?? loadServing());
  const [guesses, guessesOfPages] = inTurns(guessLimitFor(password));
  await using published = new EphemeralSiblings({ tor, signal, logger: settings.logger });
  const siblings = door.kind === 'open' ? published : undefined;
  const pages = offeredPages({ ...sending, identity, siblings, guesses: guessesOfPages });
  await using relay = await hostRelay({
    ...{ tor, identity, door, settings, signal },
    password: access,
    pages: pages.answer,
    // It belongs to this sender, who alone decides how long to wait.
    limits: { lifetimeMs: Number.POSITIVE_INFINITY },
  });
  const recorded: RecordedRelay = {
    ...{ kind: 'own', key: encodeIdentityPem(identity), access },
    ...(name !== undefined && { identityName: name }),
    ...(door.kind === 'shared-key' && { clientKey: door.key }),
  };
  return await open.outcome(
    serveRecipients({
      ...{ ...sending, relay, guesses, pages },
      ...offeredTo(sending, recorded),
      work: { ...work, signal },
    }),
  );
}

async function loadServing(): Promise<typeof Pages> {
  const [pages] = await Promise.all([
    import('../transfers/offered-pages.js'),
    import('../../relay/server/start-relay.js'),
  ]);
  return pages;
}

async function serveOnRelay(
  { onion, password }: NonNullable<Settings['relay']>,
  sending: Sending,
): Promise<TransferSummary> {
  const { settings, work } = sending;
  const clientKey = keyFor(onion, settings);
  using early = new EarlyDial(onion, settings, clientKey);
  await using open = await openTor(settings, work, (socks) => early.begin(socks));
  const { tor, signal } = open;
  await using _ = await showKey(tor, onion, clientKey);
  const { emit } = work;
  const { isolation } = early;
  await using relay = reachRelay({ tor, onion, clientKey, password, settings, emit, isolation });
  const recorded: RecordedRelay = { kind: 'other', onion, clientKey, access: password };
  const offered = offeredTo(sending, recorded);
  return await open.outcome(
    serveRecipients({ ...sending, relay, ...offered, work: { ...work, signal } }),
  );
}

function rulesOf({ exclude, skipUnreadable, mayGrow, xattrs }: Settings): SourceRules {
  return { exclude, skipUnreadable, mayGrow, xattrs };
}

/** The same for every recipient. */
function offeredTo(
  { source, resumable, settings }: Sending,
  relay: RecordedRelay,
): Pick<ServeRecipientsOptions, 'offer' | 'isMuch'> {
  const keep = keptOffer(settings, Date.now());
  const origin = resumable && { ...resumable, relay, keep };
  return { offer: () => ({ source, origin }), isMuch: isMuch(source.manifest) };
}

interface OpenedSource {
  readonly what: Sendable;
  readonly source: Source;
  /** Missing if the transfer cannot be resumed. */
  readonly resumable?: { readonly paths: readonly string[]; readonly source: FileSource };
}

async function openSource(
  what: Sendable,
  settings: Settings,
  signal: AbortSignal,
): Promise<OpenedSource> {
  switch (what.kind) {
    case 'text':
      return { what, source: textSource(what.text) };
    case 'content':
      return { what, source: contentSource(what.content, what.name, what.mtime) };
    case 'stream':
      return { what, source: streamSource(what.stream, what.name, what.size) };
    case 'paths':
      return await openPaths(what.paths, settings, signal);
  }
}

async function openPaths(
  paths: readonly string[],
  settings: Settings,
  signal: AbortSignal,
): Promise<OpenedSource> {
  const [only] = paths;
  if (only !== undefined && paths.length === 1 && isUntoldFile(only)) {
    if (settings.keep)
      throw new OnionferryError('ERR_SOURCE', `${only} ${UNTOLD}; it can be sent only once`);
    const name = path.basename(path.resolve(only));
    const stream = createReadStream(only);
    const what: Sendable = { kind: 'stream', stream, name, size: undefined };
    return { what, source: streamSource(stream, name) };
  }
  const source = await fileSource(paths, { ...rulesOf(settings), signal });
  return {
    what: { kind: 'paths', paths },
    source,
    resumable: { source, paths: paths.map((given) => path.resolve(given)) },
  };
}
