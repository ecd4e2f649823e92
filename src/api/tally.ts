import type { TransferSummary } from './events.js';
import type { Work } from './handle.js';
import { ProgressMeter } from './progress.js';

/** Adds up what pages carry, and tells of it. */
export class Tally {
  readonly #emit: Work['emit'];
  #meter: ProgressMeter | undefined;
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

  /** More bytes have been carried, as is told of what takes its time. */
  addProgress(bytes: number): void {
    this.add(bytes);
    // The first ones say nothing of the rate.
    this.#meter ??= new ProgressMeter(this.#emit, null, this.#bytes);
    this.#meter.update(this.#bytes);
  }

  /** More bytes have been carried. */
  add(bytes: number): void {
    this.#bytes += bytes;
    this.#lastAt = performance.now();
    this.#startedAt ??= this.#lastAt;
  }

  /** A file has been carried whole, its bytes having been added. */
  addFile(path: string, bytes: number, sha256?: string): void {
    this.#files++;
    this.#emit({ event: 'file', path, bytes, ...(sha256 !== undefined && { sha256 }) });
  }

  /** Tells the end. */
  finish(): TransferSummary {
    const seconds = Math.round(this.#lastAt - (this.#startedAt ?? this.#lastAt)) / 1000;
    const circuits = this.#bytes > 0 ? 1 : 0;
    const summary = { bytes: this.#bytes, files: this.#files, seconds, circuits };
    this.#emit({ event: 'done', ...summary });
    return summary;
  }
}
