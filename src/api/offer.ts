import { hasCode, type OnionferryError } from '../base/errors.js';
import type { CurveName } from '../pake/curves/curve-name.js';
import type { Meeting } from '../session/meeting/meeting.js';
import { senderReconnect } from '../session/reconnecting/sender-reconnect.js';
import { sendTransfer } from '../session/sending/send-transfer.js';
import type { Source } from '../session/sending/source.js';
import { isOpenEnded, totalBytes } from '../stream/manifest.js';
import { nodePrimitives } from '../transfer/node-primitives.js';
import type { HeldRecord } from '../transfer/record/held-record.js';
import type { SenderRecord } from '../transfer/record/record.js';
import type { TransferSummary } from './events.js';
import type { Work } from './handle.js';
import { keepRecord, noteGeneration } from './keep-record.js';
import { OfferRecord, type Origin } from './offer-record.js';
import { ProgressMeter } from './progress.js';
import type { RelayHost } from './relay-host.js';
import { Separation } from './separation.js';
import type { Settings } from './settings.js';

export interface OfferOptions {
  readonly place: RelayHost;
  readonly channel: string;
  readonly curve: CurveName;
  readonly resumption: Uint8Array;
  readonly generation: number;
  /** Undefined if they have to meet again first. */
  readonly meeting: Meeting | undefined;
  readonly source: Source;
  /** Missing where nothing could be offered again. */
  readonly origin?: Origin | undefined;
  /** What an earlier process has begun. */
  readonly begun?: HeldRecord<SenderRecord> | undefined;
  readonly awayMaxMs?: number | undefined;
  readonly settings: Settings;
  readonly work: Work;
}

/** Sends over a meeting, or goes on with what an earlier process has begun. */
export async function offer(options: OfferOptions): Promise<TransferSummary> {
  const kept = { held: options.begun };
  try {
    return await keepRecord(
      () => kept.held,
      () => transfer(options, kept),
    );
  } catch (error) {
    if (isRecipientsOwn(error)) options.work.emit({ event: 'peer', state: 'left' });
    throw error;
  }
}

/** Whether what went wrong concerns one recipient, so that the next may be served. */
export function isRecipientsOwn(error: unknown): error is OnionferryError {
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

async function transfer(
  options: OfferOptions,
  kept: { held: HeldRecord<SenderRecord> | undefined },
): Promise<TransferSummary> {
  const { place, curve, resumption, generation, meeting, source, work } = options;
  const { emit, signal } = work;
  const reconnect = senderReconnect({
    relay: place.access,
    primitives: nodePrimitives,
    onion: place.onion,
    ...{ curve, resumption, generation },
    current: meeting,
    onWaiting: (reason) => emit({ event: 'waiting', reason }),
  });
  const total = isOpenEnded(source.manifest) ? null : totalBytes(source.manifest);
  let meter: ProgressMeter | undefined;
  using separation = new Separation({ place, emit, reason: 'the recipient is away' });
  let current = generation;
  await using record = kept.held === undefined ? OfferRecord.of(options) : undefined;
  const { bytes, files } = await sendTransfer({
    met: meeting && { meeting, generation },
    reconnect,
    source,
    primitives: nodePrimitives,
    logger: options.settings.logger,
    signal,
    awayMaxMs: options.awayMaxMs,
    circuits: options.settings.circuits,
    onAccepted: async () => {
      // Whoever comes and takes nothing leaves nothing to go on with.
      kept.held ??= await record?.create(current);
    },
    onWritten: (written) => {
      // The first tells what the recipient has from before.
      meter ??= new ProgressMeter(emit, total, written);
      meter.update(written);
    },
    onStreams: (streams) => meter?.setCircuits(streams),
    onAway: () => separation.begin(),
    onMet: (now) => {
      current = now;
      separation.end();
      void noteGeneration(kept.held, now, work);
    },
  });
  const summary = { bytes, files, ...(meter?.finish(bytes) ?? { seconds: 0, circuits: 0 }) };
  emit({ event: 'done', ...summary });
  return summary;
}
