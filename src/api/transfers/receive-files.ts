import path from 'node:path';
import { toBase64Url } from '../../base/bytes.js';
import { isResumable } from '../../base/errors.js';
import { removeAtExit } from '../../disk/remove-at-exit.js';
import type { ClientKey } from '../../onion/client-key.js';
import type { CurveName } from '../../pake/curves/curve-name.js';
import type { Destination, ReceivedFiles } from '../../session/receiving/destination.js';
import { type ResumedOffer, receiveTransfer } from '../../session/receiving/receive-transfer.js';
import { recipientReconnect } from '../../session/reconnecting/recipient-reconnect.js';
import type { Met } from '../../session/reconnecting/reconnect.js';
import { deriveJournalKey } from '../../stream/journal.js';
import { isOpenEnded, type Manifest, totalBytes } from '../../stream/manifest.js';
import { openDestination } from '../../transfer/destination/destination.js';
import { chooseFrom, selectFrom } from '../../transfer/destination/selection.js';
import {
  streamDestination,
  textDestination,
} from '../../transfer/destination/stream-destination.js';
import { nodePrimitives } from '../../transfer/node-primitives.js';
import type { HeldRecord } from '../../transfer/record/held-record.js';
import type { RecipientRecord } from '../../transfer/record/record.js';
import { openRecords } from '../../transfer/record/records.js';
import type { FerryEvent, ReceiveSummary, TransferSummary } from '../events.js';
import type { Work } from '../handle.js';
import { CIRCUITS_MAX } from '../options.js';
import type { Settings } from '../settings.js';
import { askForOffer } from './ask-for-offer.js';
import { OngoingTransfer } from './ongoing-transfer.js';
import type { RelayHost } from './relay-host.js';
import { verifyPeer } from './verify-peer.js';

/** What one circuit carries in a second at a throttled rate. */
const BYTES_PER_CIRCUIT = 250_000;

export interface ReceiveFilesOptions {
  readonly relay: RelayHost;
  /** The relay's password, for Basic auth. */
  readonly access: string;
  /** For its address, if that is private. */
  readonly clientKey?: ClientKey | undefined;
  readonly channel: string;
  readonly curve: CurveName;
  readonly resumption: Uint8Array;
  readonly generation: number;
  /** Missing if the two sides have to reconnect first. */
  readonly met?: Met;
  /** A transfer that an earlier process began. */
  readonly resumed?: { readonly record: HeldRecord<RecipientRecord>; readonly offer: ResumedOffer };
  readonly settings: Settings;
  readonly work: Work;
}

/** Receives over a meeting, or resumes what an earlier process began. */
export async function receiveFiles(options: ReceiveFilesOptions): Promise<ReceiveSummary> {
  const { relay, curve, resumption, generation, resumed, settings, work } = options;
  const transfer = new OngoingTransfer({
    ...{ relay, generation, work, logger: settings.logger },
    away: 'the connection to the sender is lost',
    record: resumed?.record,
  });
  if (resumed !== undefined) {
    const { manifest, destination } = resumed.offer;
    const { written, unwanted = 0 } = destination;
    const [had, total] = [written.bytes - unwanted, totalBytes(manifest) - unwanted];
    transfer.begin(manifest, { had, total, has: written });
  }
  const reconnect = recipientReconnect({
    relay: relay.client,
    primitives: nodePrimitives,
    onion: relay.onion,
    ...{ curve, resumption, generation },
    onWaiting: (reason) => work.emit({ event: 'waiting', reason }),
    renewCircuits: () => relay.renewCircuits(),
    // Before the answer: each kill after it would let the sender count one further than the record.
    onAnswering: (now) => transfer.noteGeneration(now),
  });
  const ending = new AbortController();
  const signal = AbortSignal.any([work.signal, ending.signal]);
  const { met } = options;
  // Now: the sender's person may want to compare before there is an offer.
  const verified = met && verifyPeer(met.meeting.keys, settings, work, signal);
  verified?.catch((error: unknown) => ending.abort(error));
  let givenUp: Disposable | undefined;
  let text: string | undefined;
  const receive = async (): Promise<TransferSummary> => {
    const { bytes, files, warnings } = await receiveTransfer({
      met,
      reconnect,
      primitives: nodePrimitives,
      logger: settings.logger,
      signal,
      circuits: settings.circuits ?? circuitsFor(settings.throttle?.rate),
      stallMaxMs: settings.stallMaxMs,
      throttle: settings.throttle,
      resumed: resumed?.offer,
      accept: async (manifest, _, over) => {
        await verified;
        const choice =
          manifest.kind === 'text' ? undefined : await chooseFrom(manifest, settings.only);
        await askForOffer(manifest, choice, settings, work, over);
        const opened = await open(manifest, {
          ...options,
          generation: transfer.generation,
          onText: (note) => {
            text = note;
          },
        });
        ({ givenUp } = opened);
        await transfer.keep(opened.record);
        transfer.begin(manifest, { total: choice?.bytes, has: opened.destination.written });
        return opened.destination;
      },
      onWritten: (written, latest) => transfer.onWritten(written, latest),
      onStreams: (streams) => transfer.onStreams(streams),
      onStalled: (reason) => work.emit({ event: 'waiting', reason }),
      onAway: (why) => transfer.onAway(why),
      onMet: (now) => transfer.onMet(now),
    });
    return transfer.finish(bytes, files.length, [
      ...warnings.map((message): FerryEvent => ({ event: 'warning', message })),
      ...files.map((file): FerryEvent => ({ event: 'file', ...file })),
    ]);
  };
  try {
    const summary = await transfer.run(receive);
    return text === undefined ? summary : { ...summary, text };
  } finally {
    ending.abort();
    givenUp?.[Symbol.dispose]();
  }
}

/** A slow transfer over many circuits would leave each of them silent for too long. */
function circuitsFor(rate: number | undefined): number | undefined {
  if (rate === undefined) return undefined;
  return Math.min(CIRCUITS_MAX, Math.ceil(rate / BYTES_PER_CIRCUIT));
}

interface Opened {
  readonly destination: Destination;
  /** Missing if the transfer cannot be resumed. */
  readonly record?: HeldRecord<RecipientRecord>;
  readonly givenUp?: Disposable;
}

async function open(
  manifest: Manifest,
  options: ReceiveFilesOptions & { readonly onText: (text: string) => void },
): Promise<Opened> {
  const { settings, work, onText } = options;
  const { output, conflict, only, outputName: as, xattrs, dataDir, logger } = settings;
  if (output.kind === 'stream') {
    const selected = await selectFrom(manifest, manifest.kind === 'text' ? [] : only);
    return { destination: streamDestination(output.stream, manifest, selected) };
  }
  if (manifest.kind === 'text') {
    const show = (text: string): void => {
      onText(text);
      work.emit({ event: 'text', text });
    };
    return { destination: textDestination(manifest, show) };
  }
  const directory = path.resolve(output.directory);
  if (isOpenEnded(manifest)) {
    return {
      destination: await openDestination({ directory, manifest, only, as, conflict, xattrs }),
    };
  }
  const { relay, access, clientKey, channel, curve, resumption, generation } = options;
  const records = await openRecords(dataDir, logger);
  await using reserved = await records.reserve({ manifest, identities: new Map() });
  let record: HeldRecord<RecipientRecord> | undefined;
  const destination = await openDestination({
    directory,
    manifest,
    only,
    as,
    conflict,
    xattrs,
    resume: {
      journal: reserved.journal,
      key: deriveJournalKey(resumption),
      onCommitted: (complete) => noteComplete(record, complete, options),
    },
  });
  const givenUp = removeIfGivenUp(destination.staging, work.signal, destination);
  try {
    record = await reserved.create<RecipientRecord>({
      kind: 'recipient',
      ...{ onion: relay.onion, access, clientKey, channel, curve, generation, directory, conflict },
      ...(only.length > 0 && { only }),
      ...(as !== undefined && { as }),
      ...(xattrs && { xattrs }),
      resumption: toBase64Url(resumption),
      staging: destination.staging,
    });
    return { destination, record, givenUp };
  } catch (error) {
    await destination.discard();
    throw error;
  }
}

/**
 * A person who gives up wants none of it, also if the process has to end before all is closed and
 * removed in order.
 *
 * @returns to be disposed of when the transfer has ended: an abort after that gives up nothing
 */
export function removeIfGivenUp(
  staging: string,
  signal: AbortSignal,
  destination: Destination,
): Disposable {
  const giveUp = (): void => {
    // What is getting its final names is whole, and not for a process that ends to break up.
    if (!isResumable(signal.reason) && destination.isCommitting !== true) removeAtExit(staging);
  };
  if (signal.aborted) giveUp();
  else signal.addEventListener('abort', giveUp, { once: true });
  return { [Symbol.dispose]: () => signal.removeEventListener('abort', giveUp) };
}

/** Records that only the receipt is missing. Never throws: every file has its final name. */
export async function noteComplete(
  record: HeldRecord<RecipientRecord> | undefined,
  complete: ReceivedFiles,
  { settings, work }: Pick<ReceiveFilesOptions, 'settings' | 'work'>,
): Promise<void> {
  try {
    await record?.update({ complete });
  } catch (error) {
    settings.logger.debug(`the record of the transfer was not written: ${String(error)}`);
    const message = 'everything was received, but if the sender is lost now it may not learn that';
    work.emit({ event: 'warning', message });
  }
}
