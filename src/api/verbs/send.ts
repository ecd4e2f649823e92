import path from 'node:path';
import { OnionferryError } from '../../base/errors.js';
import { encodeIdentityPem } from '../../onion/pem.js';
import { generatePassword, type Password, parsePassword } from '../../pake/password.js';
import { createGuessLimit, type GuessLimit } from '../../session/meeting/guess-limit.js';
import { inTurns } from '../../session/meeting/in-turns.js';
import type { Source } from '../../session/sending/source.js';
import type { RecordedRelay } from '../../transfer/record/record.js';
import { type FileSource, fileSource } from '../../transfer/source/file-source.js';
import { streamSource, textSource } from '../../transfer/source/stream-source.js';
import type { TransferSummary } from '../events.js';
import { type Handle, start, type Work } from '../handle.js';
import { type OfferedPages, offeredPages } from '../offered-pages.js';
import { openTor } from '../open-tor.js';
import { hostRelay, type RelayHost, reachRelay } from '../relay-host.js';
import type { SendInput } from '../send-input.js';
import { serveRecipients } from '../serve-recipients.js';
import { type Option, type Settings, settle } from '../settings.js';
import { takeIdentity } from '../take-identity.js';

export type { SendInput };

/**
 * Waits behind an onion address for a recipient who knows the password, and sends to it.
 *
 * Wrong passwords never end it. With `withKeep` it serves one recipient after the other.
 */
export function send(what: SendInput, ...options: readonly Option[]): Handle<TransferSummary> {
  const settings = settle(options);
  const chosen = settings.password === undefined ? undefined : parsePassword(settings.password);
  if (settings.keep && 'stream' in what) throw usage('a stream can be sent only once');
  if (settings.keep && settings.relay !== undefined && chosen !== undefined) {
    // Whoever received once could otherwise, together with the relay, play the sender to the next.
    throw usage('on another’s relay each recipient needs a password of its own; choose none');
  }
  return start((work) => run(what, chosen ?? generatePassword(), settings, work), settings.signal);
}

async function run(
  what: SendInput,
  password: Password,
  settings: Settings,
  work: Work,
): Promise<TransferSummary> {
  const opened = await openSource(what, work.signal);
  await using source = opened.source;
  for (const message of source.warnings) work.emit({ event: 'warning', message });
  if (settings.relay !== undefined) {
    await using open = await openTor(settings, work);
    await using place = reachRelay({
      tor: open.tor,
      ...settings.relay,
      settings,
      emit: work.emit,
    });
    const { onion, password: access } = settings.relay;
    const origin = { kind: 'relay', onion, access } as const;
    return await open.outcome(serve(place, { ...work, signal: open.signal }, origin));
  }
  await using taken = await takeIdentity(settings, work, { holder: 'send', busy: 'go-ephemeral' });
  await using open = await openTor(settings, work);
  const { tor, signal } = open;
  const [guesses, guessesOfPages] = inTurns(createGuessLimit());
  const pages = offeredPages({
    ...{ what, source, password, settings, work },
    identity: taken.identity,
    guesses: guessesOfPages,
  });
  await using place = await hostRelay({
    tor,
    identity: taken.identity,
    door: password.access,
    remoteSenders: false,
    pages: pages.create,
    // It belongs to this sender, who decides alone how long it waits.
    limits: { lifetimeMs: Number.POSITIVE_INFINITY },
    settings,
    signal,
  });
  const origin = {
    kind: 'own',
    key: encodeIdentityPem(taken.identity),
    ...(taken.name !== undefined && { identityName: taken.name }),
    access: password.access,
  } as const;
  return await open.outcome(serve(place, { ...work, signal }, origin, { guesses, pages }));

  function serve(
    place: RelayHost,
    during: Work,
    recorded: RecordedRelay,
    own?: { readonly guesses: GuessLimit; readonly pages: OfferedPages },
  ): Promise<TransferSummary> {
    const origin = opened.again && { ...opened.again, place: recorded };
    return serveRecipients({ place, source, password, origin, settings, work: during, ...own });
  }
}

interface OpenedSource {
  readonly source: Source;
  /** What could be offered again. */
  readonly again?: { readonly paths: readonly string[]; readonly source: FileSource };
}

async function openSource(what: SendInput, signal: AbortSignal): Promise<OpenedSource> {
  if ('text' in what) return { source: textSource(what.text) };
  if ('stream' in what) return { source: streamSource(what.stream, what.name) };
  if (what.length === 0) throw usage('name what is to be sent');
  const source = await fileSource(what, { signal });
  return { source, again: { source, paths: what.map((given) => path.resolve(given)) } };
}

function usage(message: string): OnionferryError {
  return new OnionferryError('ERR_USAGE', message);
}
