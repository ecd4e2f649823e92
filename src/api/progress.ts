import type { ProgressEvent } from './events.js';
import type { Work } from './handle.js';

/** Progress is told at most this often. */
const EVERY_MS = 200;
/** The rate is that of this much time past: shorter jumps about, longer lags. */
const WINDOW_MS = 5_000;

/** Tells how a transfer gets on, and how long it took. */
export class ProgressMeter {
  readonly #emit: Work['emit'];
  readonly #total: number | null;
  #circuits = 1;
  /** The most at once. */
  #peak = 1;
  readonly #startedAt: number = performance.now();
  readonly #samples: { at: number; bytes: number }[] = [];
  #toldAt = Number.NEGATIVE_INFINITY;
  #toldBytes: number | undefined;

  /** @param had bytes that are there from before, which say nothing of the rate */
  constructor(emit: Work['emit'], total: number | null, had = 0) {
    this.#emit = emit;
    this.#total = total;
    this.#samples.push({ at: this.#startedAt, bytes: had });
  }

  /** Streams that carry the transfer now. */
  setCircuits(circuits: number): void {
    // The last ones end before the end is told.
    if (circuits === 0) return;
    this.#circuits = circuits;
    this.#peak = Math.max(this.#peak, circuits);
  }

  /** @param bytes verified and written so far */
  update(bytes: number): void {
    const now = performance.now();
    // A state that does not change is told again, for the rate sinks; the end is not.
    if (bytes === this.#total && bytes === this.#toldBytes) return;
    if (now - this.#toldAt < EVERY_MS) return;
    this.#tell(now, bytes);
  }

  /** Tells the last state, unless it was told already. @returns what the whole took */
  finish(bytes: number): { seconds: number; circuits: number } {
    const now = performance.now();
    if (bytes !== this.#toldBytes) this.#tell(now, bytes);
    return { seconds: Math.round(now - this.#startedAt) / 1000, circuits: this.#peak };
  }

  #tell(now: number, bytes: number): void {
    this.#toldAt = now;
    this.#toldBytes = bytes;
    this.#samples.push({ at: now, bytes });
    while ((this.#samples[1]?.at ?? now) < now - WINDOW_MS) this.#samples.shift();
    const oldest = this.#samples[0] ?? { at: now, bytes };
    const seconds = (now - oldest.at) / 1000;
    const event: ProgressEvent = {
      event: 'progress',
      bytes,
      total: this.#total,
      rate: seconds > 0 ? Math.round((bytes - oldest.bytes) / seconds) : 0,
      circuits: this.#circuits,
    };
    this.#emit(event);
  }
}
