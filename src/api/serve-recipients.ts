import { deadline } from '../base/deadline.js';
import { hasCode, OnionferryError } from '../base/errors.js';
import { DEFAULT_CURVE } from '../pake/curves/curve-name.js';
import { formatInvitation } from '../pake/invitation.js';
import { formatPassword, generatePassword, type Password } from '../pake/password.js';
import { isOpenEnded, totalBytes } from '../stream/manifest.js';
import { createGuessLimit } from '../transfer/meeting/guess-limit.js';
import type { Meeting } from '../transfer/meeting/meeting.js';
import { senderReunion } from '../transfer/meeting/sender-reunion.js';
import { openSenderChannel, type SenderChannel } from '../transfer/meeting/sender-channel.js';
import { sendTransfer } from '../transfer/send-transfer.js';
import type { Source } from '../transfer/source/source.js';
import type { TransferSummary } from './events.js';
import type { Work } from './handle.js';
import { type MeetingPlace, RELAY_USER } from './meeting-place.js';
import { ProgressMeter } from './progress.js';
import type { Settings } from './settings.js';

export interface ServeOptions {
  readonly place: MeetingPlace;
  readonly source: Source;
  /** On another's relay that of the first recipient. */
  readonly password: Password;
  readonly settings: Settings;
  readonly work: Work;
}

/** Serves one recipient, or with `keep` one after the other until the expiry. */
export async function serveRecipients(options: ServeOptions): Promise<TransferSummary> {
  const { place, source, settings, work } = options;
  const own = settings.relay === undefined;
  const guesses = createGuessLimit();
  using expiry = settings.expiryMs === undefined ? undefined : expireIn(settings.expiryMs, work);
  const waiting = { signal: expiry?.signal ?? work.signal };
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
          channel: password.door,
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
      summary = await transfer(meeting, options);
      if (!settings.keep) return summary;
    } catch (error) {
      if (hasCode(error, 'ERR_TIMEOUT') && expiry?.signal.aborted === true && summary) {
        return summary;
      }
      if (!settings.keep || work.signal.aborted || !isRecipientsOwn(error)) throw error;
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

/** Whether what went wrong concerns one recipient, so that the next may be served. */
function isRecipientsOwn(error: unknown): error is OnionferryError {
  return hasCode(
    error,
    'ERR_PEER_GONE',
    'ERR_REFUSED',
    'ERR_PROTOCOL',
    'ERR_STREAM',
    'ERR_CHANNEL_CLOSED',
    'ERR_CHANNEL_MISSING',
  );
}

function announce(password: Password, { place, settings, work }: ServeOptions): void {
  const { onion } = place;
  const curve = settings.curve ?? DEFAULT_CURVE;
  const relayPassword = settings.relay?.password;
  work.emit({
    event: 'online',
    onion,
    url: `http://${onion}/`,
    user: RELAY_USER,
    password: formatPassword(password),
    invitation: formatInvitation({
      onion,
      curve,
      password,
      ...(relayPassword !== undefined && { relayPassword }),
    }),
  });
}

async function transfer(meeting: Meeting, options: ServeOptions): Promise<TransferSummary> {
  const { place, source, settings, work } = options;
  const { emit, signal } = work;
  const reunion = senderReunion({
    access: place.access,
    onion: place.onion,
    curve: settings.curve ?? DEFAULT_CURVE,
    resumption: meeting.keys.resumption,
    generation: 0,
    current: meeting,
    onWaiting: (reason) => emit({ event: 'waiting', reason }),
  });
  let meter: ProgressMeter | undefined;
  try {
    const { bytes, files } = await sendTransfer({
      met: { meeting, generation: 0 },
      reunion,
      source,
      signal,
      onAccepted: () => {
        const total = isOpenEnded(source.manifest) ? null : totalBytes(source.manifest);
        meter = new ProgressMeter(emit, total);
      },
      onWritten: (written) => meter?.update(written),
      onStreams: (streams) => meter?.setCircuits(streams),
      onAway: () => emit({ event: 'waiting', reason: 'the recipient is away' }),
      onMet: () => emit({ event: 'peer', state: 'authenticated' }),
    });
    const summary = { bytes, files, ...(meter?.finish(bytes) ?? { seconds: 0, circuits: 0 }) };
    emit({ event: 'done', ...summary });
    return summary;
  } catch (error) {
    if (isRecipientsOwn(error)) emit({ event: 'peer', state: 'left' });
    throw error;
  }
}

function expireIn(ms: number, { signal }: Work): ReturnType<typeof deadline> {
  const expired = (): OnionferryError =>
    new OnionferryError('ERR_TIMEOUT', 'nobody came for it in time; it is no longer offered');
  return deadline(ms, expired, signal);
}
