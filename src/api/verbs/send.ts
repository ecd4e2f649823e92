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
import { type FileSource, fileSource } from '../../transfer/source/file-source.js';
import { streamSource, textSource } from '../../transfer/source/stream-source.js';
import { EphemeralSiblings } from '../ephemeral-siblings.js';
import type { FerryEvent, TransferSummary } from '../events.js';
import { type Handle, start, untilSuspended, type Work } from '../handle.js';
import { openTor } from '../open-tor.js';
import { applyOptions, assertGiven, type Option, type Settings, usageError } from '../options.js';
import { assertStrongWords } from '../strong-password.js';
import { takeIdentity } from '../take-identity.js';
import { TorAhead } from '../tor-ahead.js';
import { EarlyDial } from '../transfers/early-dial.js';
import { isMuch, placeOf } from '../transfers/invitation-to.js';
import { keptOffer } from '../transfers/kept-offer.js';
import type { ServeRecipientsOptions } from '../transfers/offered.js';
import type * as Pages from '../transfers/offered-pages.js';
import { hostRelay, reachRelay } from '../transfers/relay-host.js';
import type { SendInput } from '../transfers/send-files.js';
import { serveRecipients } from '../transfers/serve-recipients.js';

export type { SendInput };

/** If looking through what is sent takes longer, tor starts meanwhile. Most mistakes show before. */
const SLOW_SCAN_MS = 100;

/**
 * Waits behind an onion address for a recipient who knows the password, and sends to it.
 *
 * Wrong passwords never end it, nor does a recipient that declines. With `withKeep` it serves any
 * number of recipients side by side.
 */
export function send(what: SendInput, ...options: readonly Option[]): Handle<TransferSummary> {
  const settings = applyOptions(options);
  const chosen = settings.password === undefined ? undefined : parsePassword(settings.password);
  assertStrongWords(settings);
  assertSendable(what);
  if (settings.keep && 'stream' in what) throw usageError('a stream can be sent only once');
  if (settings.keep && settings.relay !== undefined && chosen !== undefined) {
    // Otherwise a recipient could, together with the relay, pose as the sender to the next one.
    throw usageError(
      'on somebody else’s relay each recipient needs a new password; do not choose one',
    );
  }
  const password = chosen ?? generatePassword();
  return start(async (work) => {
    await using torAhead = new TorAhead(...options);
    const slow = setTimeout(() => torAhead.begin(), SLOW_SCAN_MS);
    const opened = await openSource(what, settings, work.signal).finally(() => clearTimeout(slow));
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

interface Sending extends OpenedSource {
  readonly password: Password;
  readonly settings: Settings;
  readonly work: Work;
}

async function serveOnOwnRelay(sending: Sending): Promise<TransferSummary> {
  const { password, settings, work } = sending;
  await using taken = await takeIdentity(settings, work, { holder: 'send', busy: 'go-ephemeral' });
  const { identity, name } = taken;
  const much = isMuch(sending.source.manifest);
  const place = placeOf({ onion: identity.address, password, isMuch: much, settings });
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
  await using siblings = new EphemeralSiblings({ tor, signal, logger: settings.logger });
  const pages = offeredPages({ ...sending, identity, siblings, guesses: guessesOfPages });
  await using relay = await hostRelay({
    ...{ tor, identity, settings, signal },
    password: access,
    remoteSenders: false,
    pages: pages.answer,
    // It belongs to this sender, who alone decides how long to wait.
    limits: { lifetimeMs: Number.POSITIVE_INFINITY },
  });
  const recorded: RecordedRelay = {
    ...{ kind: 'own', key: encodeIdentityPem(identity), access },
    ...(name !== undefined && { identityName: name }),
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
  using early = new EarlyDial(onion, settings);
  await using open = await openTor(settings, work, (socks) => early.begin(socks));
  const { tor, signal } = open;
  const { emit } = work;
  const { isolation } = early;
  await using relay = reachRelay({ tor, onion, password, settings, emit, isolation });
  const recorded: RecordedRelay = { kind: 'other', onion, access: password };
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
  readonly what: SendInput;
  readonly source: Source;
  /** Missing if the transfer cannot be resumed. */
  readonly resumable?: { readonly paths: readonly string[]; readonly source: FileSource };
}

function assertSendable(what: SendInput): void {
  if ('text' in what) return;
  if ('stream' in what) {
    assertGiven(what.name, 'the name of what is sent');
    return;
  }
  if (what.length === 0) throw usageError('name at least one file or folder to send');
  for (const path of what) assertGiven(path, 'a path to send');
}

async function openSource(
  what: SendInput,
  settings: Settings,
  signal: AbortSignal,
): Promise<OpenedSource> {
  if ('text' in what) return { what, source: textSource(what.text) };
  if ('stream' in what) return { what, source: streamSource(what.stream, what.name) };
  const [only] = what;
  if (only !== undefined && what.length === 1 && isUntoldFile(only)) {
    if (settings.keep)
      throw new OnionferryError('ERR_SOURCE', `${only} ${UNTOLD}; it can be sent only once`);
    const piped = { stream: createReadStream(only), name: path.basename(path.resolve(only)) };
    return { what: piped, source: streamSource(piped.stream, piped.name) };
  }
  const source = await fileSource(what, { ...rulesOf(settings), signal });
  return { what, source, resumable: { source, paths: what.map((given) => path.resolve(given)) } };
}
