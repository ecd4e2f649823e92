import { mkdir } from 'node:fs/promises';
import { OnionferryError } from '../base/errors.js';
import { parseOnionAddress } from '../onion/address.js';
import { DEFAULT_CURVE } from '../pake/curves/curve-name.js';
import { type Invitation, looksLikeInvitation, parseInvitation } from '../pake/invitation.js';
import { parsePassword } from '../pake/password.js';
import { isOpenEnded, type Manifest, totalBytes } from '../stream/manifest.js';
import { type Destination, openDestination } from '../transfer/destination/destination.js';
import { localName } from '../transfer/destination/local-path.js';
import { streamDestination, textDestination } from '../transfer/destination/stream-destination.js';
import { unwritable } from '../transfer/destination/unwritable.js';
import {
  meetAsRecipient,
  type RecipientMeetingOptions,
} from '../transfer/meeting/meet-as-recipient.js';
import type { Meeting } from '../transfer/meeting/meeting.js';
import { recipientReunion } from '../transfer/meeting/recipient-reunion.js';
import { receiveTransfer, type ReceiveTransferOptions } from '../transfer/receive-transfer.js';
import type { OfferEvent, TransferSummary } from './events.js';
import { type Handle, start, type Work } from './handle.js';
import { type MeetingPlace, reachRelay } from './meeting-place.js';
import { openTor } from './open-tor.js';
import { ProgressMeter } from './progress.js';
import { type Option, type Settings, settle } from './settings.js';

/** Longer than it takes to reach a sender that is there. */
const SLOW_MS = 10_000;

/**
 * Fetches what a sender offers.
 *
 * @param from an invitation; or an onion address, with the password by `withPassword` and that of
 *   another's relay by `withRelay`
 */
export function receive(from: string, ...options: readonly Option[]): Handle<TransferSummary> {
  const settings = settle(options);
  const invitation = invitationOf(from, settings);
  return start((work) => run(invitation, settings, work), settings.signal);
}

function invitationOf(from: string, settings: Settings): Invitation {
  if (looksLikeInvitation(from)) {
    const invitation = parseInvitation(from);
    return { ...invitation, curve: settings.curve ?? invitation.curve };
  }
  const onion = parseOnionAddress(from);
  if (settings.password === undefined) {
    throw new OnionferryError('ERR_USAGE', 'an onion address needs its password as well');
  }
  const relayPassword = settings.relay?.password;
  return {
    onion,
    curve: settings.curve ?? DEFAULT_CURVE,
    password: parsePassword(settings.password),
    ...(relayPassword !== undefined && { relayPassword }),
  };
}

async function run(
  invitation: Invitation,
  settings: Settings,
  work: Work,
): Promise<TransferSummary> {
  await using open = await openTor(settings, work);
  const { onion, password, relayPassword } = invitation;
  const door = relayPassword ?? password.door;
  await using place = reachRelay({
    tor: open.tor,
    onion,
    password: door,
    settings,
    emit: work.emit,
  });
  return await open.outcome(
    fetchOffer(invitation, place, settings, { ...work, signal: open.signal }),
  );
}

async function fetchOffer(
  { onion, curve, password }: Invitation,
  place: MeetingPlace,
  settings: Settings,
  work: Work,
): Promise<TransferSummary> {
  const { emit, signal } = work;
  const meeting = await meet(
    {
      access: place.access,
      onion,
      channel: password.door,
      curve,
      words: password.words,
      signal,
      onPeer: (state) => emit({ event: 'peer', state }),
      onWaiting: (reason) => emit({ event: 'waiting', reason }),
    },
    emit,
  );
  const reunion = recipientReunion({
    access: place.access,
    onion,
    curve,
    resumption: meeting.keys.resumption,
    generation: 0,
    onWaiting: (reason) => emit({ event: 'waiting', reason }),
  });
  // After a whole transfer it is the sender who ends the channel.
  try {
    return await fetchFrom({ met: { meeting, generation: 0 }, reunion }, settings, work);
  } catch (error) {
    await meeting.abandon();
    throw error;
  }
}

async function fetchFrom(
  from: Pick<ReceiveTransferOptions, 'met' | 'reunion'>,
  settings: Settings,
  work: Work,
): Promise<TransferSummary> {
  const { emit, signal } = work;
  let meter: ProgressMeter | undefined;
  const { bytes, files, warnings } = await receiveTransfer({
    ...from,
    signal,
    circuits: settings.circuits,
    accept: async (manifest) => {
      const destination = await accept(manifest, settings, work);
      const total = isOpenEnded(manifest) ? null : totalBytes(manifest);
      meter = new ProgressMeter(emit, total);
      return destination;
    },
    onWritten: (written) => meter?.update(written),
    onStreams: (streams) => meter?.setCircuits(streams),
    onAway: () => emit({ event: 'waiting', reason: 'the connection to the sender is lost' }),
    onMet: () => emit({ event: 'peer', state: 'authenticated' }),
  });
  const took = meter?.finish(bytes) ?? { seconds: 0, circuits: 0 };
  for (const message of warnings) emit({ event: 'warning', message });
  for (const file of files) emit({ event: 'file', ...file });
  const summary = { bytes, files: files.length, ...took };
  emit({ event: 'done', ...summary });
  return summary;
}

/** Meets, and says so if that takes long: tor tries for minutes to reach what has just gone. */
async function meet(options: RecipientMeetingOptions, emit: Work['emit']): Promise<Meeting> {
  const slow = setTimeout(() => {
    emit({ event: 'waiting', reason: 'the sender has not answered yet' });
  }, SLOW_MS);
  try {
    return await meetAsRecipient(options);
  } finally {
    clearTimeout(slow);
  }
}

async function accept(
  manifest: Manifest,
  { accept, output, conflict }: Settings,
  { emit }: Work,
): Promise<Destination> {
  const offer = offerOf(manifest);
  emit(offer);
  if (!(await accept(offer))) {
    throw new OnionferryError('ERR_REFUSED', 'the offer was declined; nothing was written');
  }
  if (output.kind === 'stream') return streamDestination(output.stream, manifest);
  if (manifest.kind === 'text') {
    return textDestination(manifest, (text) => emit({ event: 'text', text }));
  }
  const { directory } = output;
  await mkdir(directory, { recursive: true }).catch((cause: unknown) => {
    throw unwritable(directory, cause);
  });
  return await openDestination({ directory, manifest, conflict });
}

function offerOf(manifest: Manifest): OfferEvent {
  const top = manifest.entries.filter(({ path }) => path.length === 1);
  return {
    event: 'offer',
    kind: manifest.kind,
    names: top.map(({ path }) => localName(path[0] ?? '', process.platform)),
    files: manifest.entries.filter(({ type }) => type === 'file').length,
    bytes: isOpenEnded(manifest) ? null : totalBytes(manifest),
  };
}
