import { deadline, sleep } from '../base/deadline.js';
import { hasCode, OnionferryError } from '../base/errors.js';
import { DEFAULT_CURVE } from '../pake/curves/curve-name.js';
import { formatInvitation } from '../pake/invitation.js';
import { formatPassword, generatePassword, type Password } from '../pake/password.js';
import { RELAY_USER } from '../relay-protocol/wire.js';
import { createGuessLimit, type GuessLimit } from '../session/meeting/guess-limit.js';
import { openSenderChannel, type SenderChannel } from '../session/meeting/sender-channel.js';
import type { Source } from '../session/sending/source.js';
import { PeerAbort } from '../stream/peer-abort.js';
import type { TransferSummary } from './events.js';
import type { Work } from './handle.js';
import { invitationTo } from './invitation-to.js';
import { isRecipientsOwn, offer } from './offer.js';
import type { Origin } from './offer-record.js';
import type { OfferedPages } from './offered-pages.js';
import type { RelayHost } from './relay-host.js';
import type { Settings } from './settings.js';

/**
 * What was downloaded has left for tor, which may take so long to bring it to a slow circuit's end.
 * A browser whose connection breaks meanwhile goes on with its download.
 */
const RECEIPT_ACK_MS = 30_000;

export interface ServeOptions {
  readonly place: RelayHost;
  readonly source: Source;
  /** On another's relay that of the first recipient. */
  readonly password: Password;
  /** With it an interrupted transfer can go on. */
  readonly origin?: Origin | undefined;
  /** What else judges the same words; default their own */
  readonly guesses?: GuessLimit | undefined;
  /** Where browsers may take it instead. */
  readonly pages?: OfferedPages | undefined;
  readonly settings: Settings;
  readonly work: Work;
}

/** Serves one recipient, or with `keep` one after the other until the expiry. */
export async function serveRecipients(options: ServeOptions): Promise<TransferSummary> {
  const { place, source, settings, work } = options;
  const own = settings.relay === undefined;
  const { guesses = createGuessLimit() } = options;
  using expiry = settings.expiryMs === undefined ? undefined : expireIn(settings.expiryMs, work);
  const browsed = new AbortController();
  if (!settings.keep) void options.pages?.everything.then(() => browsed.abort());
  const waiting = { signal: AbortSignal.any([expiry?.signal ?? work.signal, browsed.signal]) };
  let { password } = options;
  let summary: TransferSummary | undefined;
  let announced = false;

  for (;;) {
    let channel: SenderChannel | undefined;
    try {
      channel = await openSenderChannel(
        {
          access: place.access,
          onion: place.onion,
          channel: password.access,
          curve: settings.curve ?? DEFAULT_CURVE,
          words: password.words,
          guesses,
          onPeer: (state) => work.emit({ event: 'peer', state }),
          onWaiting: (reason) => work.emit({ event: 'waiting', reason }),
        },
        waiting,
      );
      if (!announced) announce(password, options);
      announced = true;
      const meeting = await channel.meet(waiting);
      summary = await offer({
        ...{ place, meeting, source, settings, work, origin: options.origin },
        channel: password.access,
        curve: settings.curve ?? DEFAULT_CURVE,
        resumption: meeting.keys.resumption,
        generation: 0,
      });
      if (!settings.keep) return summary;
    } catch (error) {
      work.signal.throwIfAborted();
      if (browsed.signal.aborted && options.pages !== undefined) {
        return await endAfterDownload(options.pages, work);
      }
      if (hasCode(error, 'ERR_TIMEOUT') && expiry?.signal.aborted === true && summary) {
        return summary;
      }
      const goesOn = settings.keep ? isRecipientsOwn(error) : isComingOtherwise(error, source);
      if (work.signal.aborted || !goesOn || !(error instanceof OnionferryError)) throw error;
      work.emit({ event: 'warning', message: error.message });
    } finally {
      await channel?.close();
    }
    if (!own) {
      // To a relay that could learn the words from an earlier recipient they must be new.
      password = generatePassword();
      announced = false;
    }
  }
}

/** Whether a browser that cannot hold so much was sent to another way, and finds it all there. */
function isComingOtherwise(error: unknown, source: Source): boolean {
  return error instanceof PeerAbort && error.reason === 'too-large' && source.growth === undefined;
}

/** Ends as soon as nobody may still be waiting for what this machine's tor has taken already. */
async function endAfterDownload(pages: OfferedPages, { signal }: Work): Promise<TransferSummary> {
  const summary = pages.finish();
  // Whoever does not want to wait for that interrupts nothing.
  await sleep(RECEIPT_ACK_MS, signal).catch(() => undefined);
  await pages.quiet(signal).catch(() => undefined);
  return summary;
}

function announce(password: Password, { place, source, settings, work }: ServeOptions): void {
  const { onion } = place;
  work.emit({
    event: 'online',
    onion,
    url: `http://${onion}/`,
    user: RELAY_USER,
    password: formatPassword(password),
    invitation: formatInvitation(
      invitationTo({ onion, password, manifest: source.manifest, settings }),
    ),
  });
}

function expireIn(ms: number, { signal }: Work): ReturnType<typeof deadline> {
  const expired = (): OnionferryError =>
    new OnionferryError('ERR_TIMEOUT', 'nobody came for it in time; it is no longer offered');
  return deadline(ms, expired, signal);
}
