import { toBase64Url } from '../../base/bytes.js';
import { hasCode, isPassing } from '../../base/errors.js';
import type { CurveName } from '../../pake/curves/curve-name.js';
import type { Meeting } from '../../session/meeting/meeting.js';
import { senderReconnect } from '../../session/reconnecting/sender-reconnect.js';
import { sendTransfer } from '../../session/sending/send-transfer.js';
import type { Source } from '../../session/sending/source.js';
import { nodePrimitives } from '../../transfer/node-primitives.js';
import type { HeldRecord, Reservation, Unrecorded } from '../../transfer/record/held-record.js';
import type { KeptOffer, RecordedRelay, SenderRecord } from '../../transfer/record/record.js';
import { openRecords } from '../../transfer/record/records.js';
import type { FileSource } from '../../transfer/source/file-source.js';
import type { TransferSummary } from '../events.js';
import type { Work } from '../handle.js';
import type { Settings } from '../settings.js';
import { OngoingTransfer } from './ongoing-transfer.js';
import type { RelayHost } from './relay-host.js';
import { verifyPeer } from './verify-peer.js';

/** What a later process needs to resume the transfer. */
export interface Origin {
  readonly relay: RecordedRelay;
  /** Absolute. */
  readonly paths: readonly string[];
  readonly source: FileSource;
  /** It goes on letting others in. */
  readonly keep?: KeptOffer | undefined;
}

export interface SendFilesOptions {
  readonly relay: Omit<RelayHost, keyof AsyncDisposable>;
  readonly channel: string;
  readonly curve: CurveName;
  readonly resumption: Uint8Array;
  readonly generation: number;
  /** Missing if the two sides have to reconnect first. */
  readonly meeting?: Meeting;
  readonly source: Source;
  /** Missing if the transfer cannot be resumed, or has a record already. */
  readonly origin?: Origin | undefined;
  /** Of a transfer that an earlier process began. */
  readonly record?: HeldRecord<SenderRecord>;
  readonly awayMaxMs?: number | undefined;
  /** The recipient has accepted. Throws if it may not. */
  readonly onAccepted?: (() => void) | undefined;
  /** Aborts when another one has accepted what only one may have: this one resumes nothing. */
  readonly taken?: AbortSignal | undefined;
  /** Streams to the recipient now; 0 if it has gone, for the moment or for good. */
  readonly onStreams?: ((streams: number, isOver: boolean) => void) | undefined;
  readonly settings: Settings;
  readonly work: Work;
}

/** Sends over a meeting, or resumes what an earlier process began. */
export async function sendFiles(options: SendFilesOptions): Promise<TransferSummary> {
  const { relay, channel, curve, resumption, generation, meeting, source, origin } = options;
  const { settings, work } = options;
  const transfer = new OngoingTransfer({
    ...{ relay, generation, work, logger: settings.logger },
    away: 'the recipient is away',
    record: options.record,
  });
  const reconnect = senderReconnect({
    relay: relay.client,
    primitives: nodePrimitives,
    onion: relay.onion,
    ...{ curve, resumption, generation },
    current: meeting,
    onWaiting: (reason) => work.emit({ event: 'waiting', reason }),
  });
  const over = new AbortController();
  const asked = AbortSignal.any([work.signal, over.signal]);
  const mayOffer = meeting && verifyPeer(meeting.keys, settings, work, asked);
  // Thrown where the offer would be made.
  mayOffer?.catch(() => undefined);
  // Of one that may have accepted without our hearing of it.
  let isUndecided = meeting !== undefined;
  options.taken?.addEventListener('abort', () => void transfer.forget(), { once: true });
  const send = async (): Promise<TransferSummary> => {
    await using reserved = origin && new ReservedRecord(origin.source, settings);
    let noting: Promise<void> | undefined;
    /** A recipient that has agreed to nothing leaves nothing to resume. */
    const note = async (): Promise<void> => {
      if (origin === undefined) return;
      try {
        const record = await reserved?.create({
          ...{ kind: 'sender', channel, curve, generation: transfer.generation },
          relay: origin.relay,
          resumption: toBase64Url(resumption),
          source: { paths: origin.paths },
          ...(origin.keep !== undefined && { keep: origin.keep }),
        });
        await transfer.keep(record);
      } catch (error) {
        if (!hasCode(error, 'ERR_DATA_DIRECTORY')) throw error;
        // The transfer itself needs nothing of this machine's disk.
        const message = `${error.message}. If this transfer is interrupted, it cannot be resumed`;
        work.emit({ event: 'warning', message });
      }
    };
    const { bytes, files } = await sendTransfer({
      met: meeting && { meeting, generation },
      reconnect,
      source,
      mayOffer,
      primitives: nodePrimitives,
      logger: settings.logger,
      signal: work.signal,
      awayMaxMs: options.awayMaxMs,
      circuits: settings.circuits,
      stallMaxMs: settings.stallMaxMs,
      throttle: settings.throttle,
      onAgreed: async () => await (noting ??= note()),
      onAccepted: async () => {
        options.onAccepted?.();
        isUndecided = false;
        await (noting ??= note());
      },
      onWritten: (written, wanted, latest) => {
        // The first report counts what the recipient had before.
        transfer.begin(source.manifest, { had: written, total: wanted, has: latest.has });
        transfer.onWritten(written, latest);
      },
      onStreams: (streams, isOver) => {
        transfer.onStreams(streams);
        options.onStreams?.(streams, isOver);
      },
      onStalled: (reason) => work.emit({ event: 'waiting', reason }),
      onAway: (why) => transfer.onAway(why),
      onMet: (now) => transfer.onMet(now),
    });
    return transfer.finish(bytes, files);
  };
  const sending = async (): Promise<TransferSummary> => {
    try {
      return await send();
    } catch (error) {
      // It has looked for this side for as long itself.
      if (isUndecided && isPassing(error)) await transfer.forget();
      throw error;
    }
  };
  return await transfer.run(sending).finally(() => over.abort());
}

/** A record in the making: the manifest, which may be long, is written while the offer travels. */
class ReservedRecord implements AsyncDisposable {
  readonly #reserving: Promise<Reservation>;
  #creating: Promise<unknown> | undefined;

  constructor(source: FileSource, { dataDir, logger }: Settings) {
    this.#reserving = openRecords(dataDir, logger).then((records) => records.reserve(source));
    // Awaited when the recipient has accepted, which may never happen.
    this.#reserving.catch((error: unknown) => {
      logger.debug(`no record of the transfer could be reserved: ${String(error)}`);
    });
  }

  /** @throws OnionferryError ERR_DATA_DIRECTORY */
  create(fields: Unrecorded<SenderRecord>): Promise<HeldRecord<SenderRecord>> {
    const creating = this.#reserving.then((reserved) => reserved.create<SenderRecord>(fields));
    this.#creating = creating;
    return creating;
  }

  /** Leaves nothing behind, unless the record was created. */
  async [Symbol.asyncDispose](): Promise<void> {
    // A transfer may end while its record is being created; the caller still gets it.
    const [, reserved] = await Promise.allSettled([this.#creating, this.#reserving]);
    if (reserved.status === 'fulfilled') await reserved.value[Symbol.asyncDispose]();
  }
}
