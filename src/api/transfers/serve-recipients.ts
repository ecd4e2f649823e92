import { deadline, sleep } from '../../base/deadline.js';
import { hasCode, OnionferryError } from '../../base/errors.js';
import type { OnionAddress } from '../../onion/address.js';
import { DEFAULT_CURVE } from '../../pake/curves/curve-name.js';
import { formatBrowserLink, formatInvitation, type Invitation } from '../../pake/invitation.js';
import { formatPassword, generatePassword, type Password } from '../../pake/password.js';
import { RELAY_USER } from '../../relay-protocol/wire.js';
import { CIRCUITS_DEFAULT_MAX, MUCH_BYTES } from '../../session/circuits/circuit-count.js';
import { createGuessLimit, type GuessLimit } from '../../session/meeting/guess-limit.js';
import { openSenderChannel, type SenderChannel } from '../../session/meeting/sender-meeting.js';
import type { Source } from '../../session/sending/source.js';
import { isOpenEnded, type Manifest, totalBytes } from '../../stream/manifest.js';
import { PeerAbort } from '../../stream/peer-abort.js';
import { nodePrimitives } from '../../transfer/node-primitives.js';
import type { TransferSummary } from '../events.js';
import type { Work } from '../handle.js';
import type { Settings } from '../options.js';
import type { OfferedPages } from './offered-pages.js';
import type { RelayHost } from './relay-host.js';
import { concernsOneRecipient, type Origin, sendFiles } from './send-files.js';

/**
 * After a download has left for tor, tor may take this long to deliver it over a slow circuit. A
 * browser whose connection breaks meanwhile can resume.
 */
const DELIVERY_MS = 30_000;
const MAY_REPEAT =
  'downloads that failed can be repeated for some minutes; press Ctrl-C to end now';
const EXPIRED = 'nobody received it in time, so it is no longer offered';

export interface ServeRecipientsOptions {
  readonly relay: RelayHost;
  readonly source: Source;
  /** On somebody else's relay only of the first recipient. */
  readonly password: Password;
  /** Missing if an interrupted transfer cannot be resumed. */
  readonly origin?: Origin | undefined;
  /** Shared with pages that check the same words. */
  readonly guesses?: GuessLimit;
  /** Where browsers may download it instead. */
  readonly pages?: OfferedPages;
  readonly settings: Settings;
  readonly work: Work;
}

/** Serves one recipient, or with `keep` one after another until the expiry. */
export async function serveRecipients(options: ServeRecipientsOptions): Promise<TransferSummary> {
  const { relay, source, origin, pages, settings, work } = options;
  const { guesses = createGuessLimit() } = options;
  const { curve = DEFAULT_CURVE, keep } = settings;
  using expiry =
    settings.expiryMs === undefined ? undefined : deadline(settings.expiryMs, EXPIRED, work.signal);
  const browsed = new AbortController();
  if (!keep) void pages?.everything.then(() => browsed.abort());
  const waiting = { signal: AbortSignal.any([expiry?.signal ?? work.signal, browsed.signal]) };
  let { password } = options;
  let summary: TransferSummary | undefined;
  let announced = false;

  for (;;) {
    let opened: SenderChannel | undefined;
    const channel = password.access;
    try {
      opened = await openSenderChannel(
        {
          relay: relay.client,
          primitives: nodePrimitives,
          onion: relay.onion,
          ...{ channel, curve, guesses },
          words: password.words,
          onPeer: (state) => work.emit({ event: 'peer', state }),
          onWaiting: (reason) => work.emit({ event: 'waiting', reason }),
        },
        waiting,
      );
      if (!announced) announce(password, options);
      announced = true;
      const meeting = await opened.meet(waiting);
      const { resumption } = meeting.keys;
      summary = await sendFiles({
        ...{ relay, channel, curve, resumption, meeting, source, origin, settings, work },
        generation: 0,
      });
      if (!keep) return summary;
    } catch (error) {
      work.signal.throwIfAborted();
      if (browsed.signal.aborted && pages !== undefined) return await endDownloads(pages, work);
      if (hasCode(error, 'ERR_TIMEOUT') && expiry?.signal.aborted === true && summary) {
        return summary;
      }
      const continues = keep ? concernsOneRecipient(error) : willDownload(error, source);
      if (!continues || !(error instanceof OnionferryError)) throw error;
      work.emit({ event: 'warning', message: error.message });
    } finally {
      await opened?.close();
    }
    if (settings.relay !== undefined) {
      // A new password: that relay could learn the words from an earlier recipient.
      password = generatePassword();
      announced = false;
    }
  }
}

/** Whether a page that cannot hold so much sent its visitor to a download of the same content. */
function willDownload(error: unknown, source: Source): boolean {
  return error instanceof PeerAbort && error.reason === 'too-large' && source.growth === undefined;
}

/** Ends when nobody can still be waiting for what this machine's tor has taken. */
async function endDownloads(pages: OfferedPages, { signal, emit }: Work): Promise<TransferSummary> {
  const summary = pages.finish();
  emit({ event: 'waiting', reason: MAY_REPEAT });
  // Everything was downloaded: Ctrl-C from here on only saves time, and is no failure.
  await Promise.allSettled([sleep(DELIVERY_MS, signal)]);
  await Promise.allSettled([pages.quiet(signal)]);
  return summary;
}

function announce(
  password: Password,
  { relay, source, settings, work }: ServeRecipientsOptions,
): void {
  const { onion } = relay;
  const invitation = invitationTo({ onion, password, manifest: source.manifest, settings });
  work.emit({
    event: 'online',
    onion,
    url: `http://${onion}/`,
    user: RELAY_USER,
    password: formatPassword(password),
    invitation: formatInvitation(invitation),
    ...(settings.browserLink && { link: formatBrowserLink(invitation, RELAY_USER) }),
  });
}

export interface Invited {
  readonly onion: OnionAddress;
  readonly password: Password;
  readonly manifest: Manifest;
  readonly settings: Pick<Settings, 'curve' | 'relay' | 'circuits'>;
}

/** What a recipient needs, and whether to begin with many circuits. */
export function invitationTo({ onion, password, manifest, settings }: Invited): Invitation {
  const { curve = DEFAULT_CURVE, relay, circuits = Infinity } = settings;
  const isMuch = !isOpenEnded(manifest) && totalBytes(manifest) >= MUCH_BYTES;
  return {
    ...{ onion, curve, password },
    ...(relay !== undefined && { relayPassword: relay.password }),
    ...(isMuch && circuits >= CIRCUITS_DEFAULT_MAX && { size: 'large' }),
  };
}
