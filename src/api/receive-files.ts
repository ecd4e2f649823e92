import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { toBase64Url } from '../base/bytes.js';
import { OnionferryError } from '../base/errors.js';
import { localName } from '../disk/names/local-name.js';
import { unwritable } from '../disk/unwritable.js';
import type { OnionAddress } from '../onion/address.js';
import type { CurveName } from '../pake/curves/curve-name.js';
import type { Destination } from '../session/receiving/destination.js';
import { type ResumedOffer, receiveTransfer } from '../session/receiving/receive-transfer.js';
import { recipientReconnect } from '../session/reconnecting/recipient-reconnect.js';
import type { Met } from '../session/reconnecting/reconnect.js';
import { deriveJournalKey } from '../stream/journal.js';
import { isOpenEnded, type Manifest, totalBytes } from '../stream/manifest.js';
import { openDestination } from '../transfer/destination/destination.js';
import { streamDestination, textDestination } from '../transfer/destination/stream-destination.js';
import { nodePrimitives } from '../transfer/node-primitives.js';
import type { HeldRecord } from '../transfer/record/held-record.js';
import type { RecipientRecord } from '../transfer/record/record.js';
import { openRecords } from '../transfer/record/records.js';
import type { OfferEvent, TransferSummary } from './events.js';
import type { Work } from './handle.js';
import { keepRecord, noteComplete, noteGeneration } from './keep-record.js';
import { ProgressMeter } from './progress.js';
import type { RelayHost } from './relay-host.js';
import { Separation } from './separation.js';
import type { Settings } from './settings.js';

export interface FetchOptions {
  readonly place: RelayHost;
  readonly onion: OnionAddress;
  /** What opens the relay's door. */
  readonly access: string;
  readonly channel: string;
  readonly curve: CurveName;
  readonly resumption: Uint8Array;
  readonly generation: number;
  /** Undefined if they have to meet again first. */
  readonly met: Met | undefined;
  /** What an earlier process has begun. */
  readonly begun?: { readonly held: HeldRecord<RecipientRecord>; readonly offer: ResumedOffer };
  readonly settings: Settings;
  readonly work: Work;
}

/** Receives over a meeting, or goes on with what an earlier process has begun. */
export async function fetch(options: FetchOptions): Promise<TransferSummary> {
  let held: HeldRecord<RecipientRecord> | undefined = options.begun?.held;
  return await keepRecord(
    () => held,
    () =>
      transfer(options, (made) => {
        held = made;
      }),
  );
}

async function transfer(
  options: FetchOptions,
  onRecord: (held: HeldRecord<RecipientRecord>) => void,
): Promise<TransferSummary> {
  const { place, onion, curve, resumption, generation, begun, settings, work } = options;
  const { emit, signal } = work;
  let held = begun?.held;
  let current = generation;
  let meter = begun && newMeter(begun.offer.manifest, emit, begun.offer.destination.written.bytes);
  using separation = new Separation({
    ...{ place, emit },
    reason: 'the connection to the sender is lost',
  });
  const reconnect = recipientReconnect({
    relay: place.access,
    primitives: nodePrimitives,
    onion,
    curve,
    resumption,
    generation,
    onWaiting: (reason) => emit({ event: 'waiting', reason }),
    afresh: () => place.afresh(),
    // Else each kill just after it would let the sender go one further than is known here.
    onAnswering: (now) => noteGeneration(held, now, work),
  });
  const { bytes, files, warnings } = await receiveTransfer({
    met: options.met,
    reconnect,
    primitives: nodePrimitives,
    logger: settings.logger,
    signal,
    circuits: settings.circuits,
    resumed: begun?.offer,
    accept: async (manifest) => {
      await ask(manifest, settings, work);
      const opened = await open(manifest, { ...options, generation: current });
      held = opened.held;
      if (held !== undefined) onRecord(held);
      meter = newMeter(manifest, emit);
      return opened.destination;
    },
    onWritten: (written) => meter?.update(written),
    onStreams: (streams) => meter?.setCircuits(streams),
    onAway: () => separation.begin(),
    onMet: (now) => {
      current = now;
      separation.end();
      void noteGeneration(held, now, work);
    },
  });
  const took = meter?.finish(bytes) ?? { seconds: 0, circuits: 0 };
  for (const message of warnings) emit({ event: 'warning', message });
  for (const file of files) emit({ event: 'file', ...file });
  const summary = { bytes, files: files.length, ...took };
  emit({ event: 'done', ...summary });
  return summary;
}

async function ask(manifest: Manifest, { accept }: Settings, { emit }: Work): Promise<void> {
  const offer = offerOf(manifest);
  emit(offer);
  if (await accept(offer)) return;
  throw new OnionferryError('ERR_REFUSED', 'the offer was declined; nothing was written');
}

interface Opened {
  readonly destination: Destination;
  readonly held?: HeldRecord<RecipientRecord>;
}

async function open(manifest: Manifest, options: FetchOptions): Promise<Opened> {
  const { settings, work } = options;
  const { output, conflict, dataDir, logger } = settings;
  if (output.kind === 'stream') return { destination: streamDestination(output.stream, manifest) };
  if (manifest.kind === 'text') {
    const show = (text: string): void => work.emit({ event: 'text', text });
    return { destination: textDestination(manifest, show) };
  }
  const directory = path.resolve(output.directory);
  await mkdir(directory, { recursive: true }).catch((cause: unknown) => {
    throw unwritable(directory, cause);
  });
  if (isOpenEnded(manifest)) {
    return { destination: await openDestination({ directory, manifest, conflict }) };
  }
  const { onion, access, channel, curve, resumption, generation } = options;
  const records = await openRecords(dataDir, logger);
  await using reserved = await records.reserve({ manifest, identities: new Map() });
  let held: HeldRecord<RecipientRecord> | undefined;
  const destination = await openDestination({
    directory,
    manifest,
    conflict,
    logger,
    resume: {
      journal: reserved.journal,
      key: deriveJournalKey(resumption),
      onCommitted: async (complete) => {
        await noteComplete(held, complete, work);
      },
    },
  });
  try {
    held = await reserved.create<RecipientRecord>({
      kind: 'recipient',
      ...{ onion, access, channel, curve, generation, directory, conflict },
      resumption: toBase64Url(resumption),
      staging: destination.staging,
    });
    return { destination, held };
  } catch (error) {
    await destination.discard();
    throw error;
  }
}

function newMeter(manifest: Manifest, emit: Work['emit'], had = 0): ProgressMeter {
  return new ProgressMeter(emit, isOpenEnded(manifest) ? null : totalBytes(manifest), had);
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
