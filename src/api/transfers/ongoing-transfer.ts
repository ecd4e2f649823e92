import { hasCode, isResumable, OnionferryError } from '../../base/errors.js';
import type { Logger } from '../../base/logger.js';
import type { Latest } from '../../session/transfer-options.js';
import { isOpenEnded, type Manifest, totalBytes } from '../../stream/manifest.js';
import { PeerAway } from '../../stream/peer-abort.js';
import type { HeldRanges } from '../../stream/ranges.js';
import type { HeldRecord } from '../../transfer/record/held-record.js';
import type { TransferRecord } from '../../transfer/record/record.js';
import type { FerryEvent, TransferSummary } from '../events.js';
import { type FileOnItsWay, FilesProgress } from '../files-progress.js';
import type { Work } from '../handle.js';
import { ProgressMeter } from '../progress.js';
import type { RelayHost } from './relay-host.js';

/** While the other side is away, tor is woken this often. */
const WAKE_EVERY_MS = 45_000;

/** What is said of a transfer that is suspended with a record. */
const SUSPENDED = {
  sender: 'suspended; to resume the transfer, run onionferry send --resume',
  recipient: 'suspended; what has arrived is kept: to resume, receive into the same folder again',
} as const;

export interface OngoingTransferOptions {
  readonly relay: Pick<RelayHost, 'wake'>;
  /** What to say while the other side is away. */
  readonly away: string;
  /** Of the last meeting known. */
  readonly generation: number;
  /** Missing if there is none yet, or never. */
  readonly record: HeldRecord<TransferRecord> | undefined;
  readonly logger: Logger;
  readonly work: Work;
}

/** What is known when content begins. */
export interface Beginning {
  /** Bytes that the recipient has already; default none. */
  readonly had?: number;
  /** Bytes that it wants in all, null if that is not known; everything unless set. */
  readonly total?: number | null | undefined;
  /** What it has already, or does not want. */
  readonly has: HeldRanges;
}

/** What both sides do around a session: report progress and absences, and keep the record. */
export class OngoingTransfer {
  readonly #options: OngoingTransferOptions;
  #record: HeldRecord<TransferRecord> | undefined;
  #generation: number;
  /** That of the record, or what it is to be when there is one. */
  #noted: number;
  #meter: ProgressMeter | undefined;
  #files: FilesProgress | undefined;
  #latest: Latest | undefined;
  #waking: NodeJS.Timeout | undefined;
  #isForgotten = false;

  constructor(options: OngoingTransferOptions) {
    this.#options = options;
    this.#generation = options.generation;
    this.#noted = options.generation;
    this.#record = options.record;
  }

  get record(): HeldRecord<TransferRecord> | undefined {
    return this.#record;
  }

  /** From now on a later process may resume. Never throws. @param record undefined if none may */
  async keep(record: HeldRecord<TransferRecord> | undefined): Promise<void> {
    this.#record = record;
    if (this.#isForgotten) await this.#removeRecord();
    // The two sides may have lost each other while it was made.
    await this.noteGeneration(this.#noted);
  }

  /** No later process may resume. Never throws. */
  async forget(): Promise<void> {
    this.#isForgotten = true;
    await this.#removeRecord();
  }

  get generation(): number {
    return this.#generation;
  }

  /** Runs the session. Afterwards the record is removed, unless a later process may resume. */
  async run(session: () => Promise<TransferSummary>): Promise<TransferSummary> {
    let isOver = true;
    try {
      return await session();
    } catch (error) {
      isOver = !isResumable(error);
      const isKept = hasCode(error, 'ERR_SUSPENDED') && !this.#isForgotten;
      const kept = isKept ? this.#record : undefined;
      throw kept === undefined
        ? error
        : new OnionferryError('ERR_SUSPENDED', SUSPENDED[kept.record.kind], { cause: error });
    } finally {
      this.#stopWaking();
      if (isOver) await this.#removeRecord();
      await this.#record?.[Symbol.asyncDispose]();
    }
  }

  async #removeRecord(): Promise<void> {
    // The transfer has its result; a record that stays is no longer of use to anybody.
    await this.#record?.remove().catch((error: unknown) => {
      this.#options.logger.debug(`the record of the transfer was not removed: ${String(error)}`);
    });
  }

  /**
   * Content begins; the first call counts.
   */
  begin(manifest: Manifest, { had = 0, total = knownBytes(manifest), has }: Beginning): void {
    this.#meter ??= new ProgressMeter(this.#options.work.emit, total, had);
    this.#files ??= new FilesProgress(manifest, has);
  }

  onWritten(bytes: number, latest: Latest): void {
    this.#latest = latest;
    if (this.#meter?.update(bytes, () => this.#onItsWay()) === true) this.#tellArrived();
  }

  #onItsWay(): FileOnItsWay | undefined {
    const at = this.#latest?.at;
    return at === undefined ? undefined : this.#files?.at(at);
  }

  #tellArrived(): void {
    if (this.#latest === undefined) return;
    for (const file of this.#files?.arrived(this.#latest.has) ?? []) {
      this.#options.work.emit({ event: 'arrived', ...file });
    }
  }

  onStreams(streams: number): void {
    this.#meter?.setCircuits(streams);
  }

  /** @param why the last connection has ended */
  onAway(why?: OnionferryError): void {
    const { relay, away, work } = this.#options;
    // The other side's own word for it says more than that it is not there.
    work.emit({ event: 'waiting', reason: why instanceof PeerAway ? why.message : away });
    this.#waking ??= setInterval(() => void relay.wake(), WAKE_EVERY_MS);
  }

  onMet(generation: number): void {
    this.#generation = generation;
    this.#stopWaking();
    this.#meter?.goOn();
    this.#options.work.emit({ event: 'peer', state: 'authenticated' });
    void this.noteGeneration(generation);
  }

  /** Writes the generation into the record. Never throws: the transfer itself does not need it. */
  async noteGeneration(generation: number): Promise<void> {
    this.#noted = generation;
    if (this.#record === undefined || this.#record.record.generation === generation) return;
    try {
      await this.#record.update({ generation });
    } catch (error) {
      const { logger, work } = this.#options;
      logger.debug(`the record of the transfer was not written: ${String(error)}`);
      const message = 'if this transfer is interrupted, it may not be possible to resume it';
      work.emit({ event: 'warning', message });
    }
  }

  /** Reports the end. @param before the events in front of the last one */
  finish(bytes: number, files: number, before: readonly FerryEvent[] = []): TransferSummary {
    const { emit } = this.#options.work;
    const took = this.#meter?.finish(bytes, () => this.#onItsWay()) ?? { seconds: 0, circuits: 0 };
    this.#tellArrived();
    for (const event of before) emit(event);
    const summary = { bytes, files, ...took };
    emit({ event: 'done', ...summary });
    return summary;
  }

  #stopWaking(): void {
    clearInterval(this.#waking);
    this.#waking = undefined;
  }
}

function knownBytes(manifest: Manifest): number | null {
  return isOpenEnded(manifest) ? null : totalBytes(manifest);
}
