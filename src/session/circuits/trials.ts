import type { CircuitRates, CircuitSample } from './circuit-rates.js';
import type { Growth, Measured } from './growth.js';

/**
 * Circuits of a transfer that decides by itself. They are dialled while the password is proved, when
 * only the invitation hints at the size. Those that turn out not to pay are closed.
 */
export const CIRCUITS_START = 8;
/** Where each circuit carries much, this many fill any line. */
export const CIRCUITS_NEAR_MAX = 16;
/** The rate is measured over this time. */
const RATE_WINDOW_MS = 1_000;
/**
 * How long new circuits get at most to show what they carry: where each took long to dial, its window
 * takes as long to open.
 */
const SETTLE_MAX_MS = 3_000;
/** What has not come by then is no longer waited for. */
const TRIAL_MAX_MS = 15_000;
/** What more circuits must add to the total rate, or they are closed again. */
const GAIN = 1.1;
/** Near the end new circuits would come too late: they take seconds to build. */
const NEARLY_DONE_S = 5;
/** Circuits that carry less than this each, in bytes a second, are thin. */
const THIN_RATE: number = 768 * 1024;
/** Told of some of this age: by then a short way's windows are open. */
const THIN_AGE_MS = 1_500;
const THIN_MIN = 3;

/** More circuits, asked for to see whether they make the whole faster. */
interface Trial {
  /** How many there were before, and what those carried. */
  readonly before: Measured;
  readonly since: number;
}

export interface TrialsOptions {
  /** How long the first dials took. */
  readonly dialMs: number;
  /** The first circuits turn out to be thin. */
  readonly onThin: (measured: Measured) => void;
}

/**
 * Where circuits are thick, doubles them while that makes the whole faster, and closes the last ones
 * if they did not.
 */
export class Trials implements Growth {
  readonly #options: TrialsOptions;
  #wanted = CIRCUITS_START;
  #steadySince: number | undefined;
  /** Since when some that are wanted are being dialled. */
  #dialsSince: number | undefined;
  /** How long the last of those that were wanted took. */
  #dialTookMs: number;
  #trial: Trial | undefined;
  /** Fewer if some could not be dialled. */
  #most = CIRCUITS_NEAR_MAX;
  #isGrowing = true;

  constructor(options: TrialsOptions) {
    this.#options = options;
    this.#dialTookMs = options.dialMs;
  }

  wanted(sample: CircuitSample, rates: CircuitRates, worthwhile: number): number {
    if (this.#areThin(sample, rates.total)) {
      this.#options.onThin(this.#trial?.before ?? { circuits: this.#wanted, rate: rates.total });
    } else if (this.#isGrowing) this.#grow(sample, rates.total, worthwhile);
    this.#watchDials(sample);
    return this.#wanted;
  }

  /** Of content whose length nobody knows, the source itself may be slow. */
  #areThin({ now, missing, streams }: CircuitSample, rate: number): boolean {
    const aged = streams.filter(({ since }) => now - since >= THIN_AGE_MS);
    if (missing === null || rate === 0 || aged.length < THIN_MIN) return false;
    return rate < THIN_RATE * streams.length && missing >= rate * NEARLY_DONE_S;
  }

  #grow(sample: CircuitSample, rate: number, worthwhile: number): void {
    const { now, missing, streams } = sample;
    if (streams.length < Math.min(this.#wanted, worthwhile)) {
      this.#steadySince = undefined;
      this.#waitNoLonger(sample);
      return;
    }
    this.#steadySince ??= now;
    const steadyMs = now - this.#steadySince;
    const isNearlyDone = (missing ?? Infinity) < rate * NEARLY_DONE_S;
    // Where nothing comes, because the sender itself waits, nothing is learned.
    if (steadyMs < RATE_WINDOW_MS || rate === 0 || isNearlyDone) return;
    const before = this.#trial?.before;
    if (before === undefined || rate >= before.rate * GAIN) {
      this.#trial = { before: { circuits: this.#wanted, rate }, since: now };
      this.#wanted = Math.min(this.#wanted * 2, this.#most);
      this.#steadySince = undefined;
    } else if (steadyMs >= Math.min(this.#dialTookMs, SETTLE_MAX_MS)) {
      this.#isGrowing = false;
      this.#wanted = before.circuits;
    }
  }

  /** Some may never come: a relay allows fewer, or a path is broken. */
  #waitNoLonger({ now, streams }: CircuitSample): void {
    if (this.#trial === undefined || now - this.#trial.since < TRIAL_MAX_MS) return;
    this.#most = Math.max(this.#trial.before.circuits, streams.length);
    this.#wanted = this.#most;
  }

  #watchDials({ now, streams }: CircuitSample): void {
    if (streams.length < this.#wanted) this.#dialsSince ??= now;
    else if (this.#dialsSince !== undefined) {
      this.#dialTookMs = now - this.#dialsSince;
      this.#dialsSince = undefined;
    }
  }
}
