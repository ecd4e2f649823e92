import type { FileEvent, TransferSummary } from './events.js';
import type { FileOnItsWay } from './files-progress.js';
import type { Work } from './handle.js';

/** At most one progress event in this time. */
const EVERY_MS = 200;
/** The rate is the mean over this time: a shorter one jumps about, a longer one lags. */
const WINDOW_MS = 5_000;
/** Of less time than this, the first bytes would make any rate. */
const RATE_MIN_MS = 1_000;

/** Reports the progress of a transfer, and measures how long it took. */
export class ProgressMeter {
  readonly #emit: Work['emit'];
  readonly #total: number | null;
  #circuits = 1;
  /** The most circuits at once. */
  #peak = 1;
  readonly #startedAt: number = performance.now();
  #samples: { at: number; bytes: number }[] = [];
  #toldAt = Number.NEGATIVE_INFINITY;
  #toldBytes: number | undefined;

  /** @param had bytes that were there before; they do not count for the rate */
  constructor(emit: Work['emit'], total: number | null, had = 0) {
    this.#emit = emit;
    this.#total = total;
    this.#samples.push({ at: this.#startedAt, bytes: had });
  }

  /** The other side is there again: the time without it does not count for the rate. */
  goOn(): void {
    const last = this.#samples.at(-1);
    this.#samples = last === undefined ? [] : [{ ...last, at: performance.now() }];
  }

  /** Streams that carry the transfer now. */
  setCircuits(circuits: number): void {
    // The last streams close before the end is reported.
    if (circuits === 0) return;
    this.#circuits = circuits;
    this.#peak = Math.max(this.#peak, circuits);
  }

  /**
   * @param bytes verified and written so far
   * @param onItsWay which file; asked only when it is told
   * @returns whether it was told
   */
  update(bytes: number, onItsWay?: () => FileOnItsWay | undefined): boolean {
    const now = performance.now();
    // Unchanged progress is reported too, since its rate falls; the end is reported once.
    if (bytes === this.#total && bytes === this.#toldBytes) return false;
    if (now - this.#toldAt < EVERY_MS) return false;
    this.#tell(now, bytes, onItsWay?.());
    return true;
  }

  /** Reports the final state, unless that was done. @returns what the whole took */
  finish(
    bytes: number,
    onItsWay?: () => FileOnItsWay | undefined,
  ): { seconds: number; circuits: number } {
    const now = performance.now();
    if (bytes !== this.#toldBytes) this.#tell(now, bytes, onItsWay?.());
    return { seconds: Math.round(now - this.#startedAt) / 1000, circuits: this.#peak };
  }

  #tell(now: number, bytes: number, onItsWay?: FileOnItsWay): void {
    this.#toldAt = now;
    this.#toldBytes = bytes;
    this.#samples.push({ at: now, bytes });
    while ((this.#samples[1]?.at ?? now) < now - WINDOW_MS) this.#samples.shift();
    const oldest = this.#samples[0] ?? { at: now, bytes };
    const seconds = Math.max(now - oldest.at, RATE_MIN_MS) / 1000;
    const rate = Math.round((bytes - oldest.bytes) / seconds);
    const circuits = this.#circuits;
    this.#emit({ event: 'progress', bytes, total: this.#total, rate, circuits, ...onItsWay });
  }
}

/**
 * Adds up and reports what pages deliver or take. What travels does so more than once now and then;
 * what is told at the end is content, and only that which somebody has whole.
 */
export class Tally {
  readonly #emit: Work['emit'];
  #meter: ProgressMeter | undefined;
  #carried = 0;
  #bytes = 0;
  #files = 0;
  #startedAt: number | undefined;
  #lastAt = 0;

  constructor(emit: Work['emit']) {
    this.#emit = emit;
  }

  get files(): number {
    return this.#files;
  }

  /** This many bytes were carried, perhaps again: they tell how long it takes, not what it comes to. */
  addCarried(bytes: number): void {
    this.#carried += bytes;
    this.#lastAt = performance.now();
    this.#startedAt ??= this.#lastAt;
  }

  /** As `addCarried`, and reports progress, for what takes a while. */
  addProgress(bytes: number): void {
    this.addCarried(bytes);
    // The first bytes say nothing about the rate.
    this.#meter ??= new ProgressMeter(this.#emit, null, this.#carried);
    this.#meter.update(this.#carried);
  }

  /** Somebody has this much content, of which no file is told. */
  addContent(bytes: number): void {
    this.#bytes += bytes;
  }

  /** Somebody has a file. */
  addFile(file: Omit<FileEvent, 'event'>): void {
    this.#files++;
    this.#bytes += file.bytes;
    this.#emit({ event: 'file', ...file });
  }

  /** Reports the end. */
  finish(): TransferSummary {
    const seconds = Math.round(this.#lastAt - (this.#startedAt ?? this.#lastAt)) / 1000;
    const circuits = this.#carried > 0 ? 1 : 0;
    const summary = { bytes: this.#bytes, files: this.#files, seconds, circuits };
    this.#emit({ event: 'done', ...summary });
    return summary;
  }
}

/** Reports of one recipient. */
export function emitOf({ emit }: Work, recipient: number): Work['emit'] {
  return (event) => {
    switch (event.event) {
      case 'peer':
      case 'verify':
      case 'progress':
      case 'arrived':
      case 'waiting':
      case 'warning':
      case 'done':
      case 'resuming':
        emit({ ...event, recipient });
        break;
      default:
        emit(event);
    }
  };
}
