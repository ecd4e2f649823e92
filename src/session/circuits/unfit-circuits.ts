import { isAdded } from '../conversation/stream-numbers.js';
import type { CircuitRate, CircuitRates, CircuitSample } from './circuit-rates.js';

/** A circuit younger than this is still opening its window. */
export const SETTLE_MS = 4_000;
/** One that carries less than this part of the mean is unfit: another will most likely carry more. */
const UNFIT_PART = 0.5;
/** Where the source may be what is slow, circuits carry unlike amounts by chance: only these go. */
const LAME_PART = 0.1;
/** Of all circuits, those that are replaced at a time: the others go on carrying meanwhile. */
const AT_ONCE_PART = 0.25;
/** With fewer there is no mean to speak of. */
const JUDGED_MIN = 3;
/** Between two rounds; doubles while most that come are unfit, too. */
const PACE_MS = 1_000;
const PACE_MAX_MS = 15_000;
/**
 * And at least this part of the time that has passed: what is gained early is gained for long, and
 * every draw loads relays and takes one of a meeting's two thousand numbers.
 */
const PACE_PART = 0.05;
const NUMBERS_FOR_DRAWS = 1_024;
/** A circuit that comes nearer to the end than this, besides its dial, carries nothing worth it. */
const TOO_LATE_S = 5;

export interface UnfitOptions {
  /** How many circuits are wanted. */
  readonly wanted: number;
  /** How long a dial takes, in milliseconds. */
  readonly dialMs: number;
}

/**
 * Names the circuits that are to be replaced, round by round:
 *
 *     opening ── SETTLE_MS ──▶ judged ── ≥ half of the mean ──▶ kept, and judged again
 *                                │
 *                                └── less, and there is time for another ──▶ dropped
 *
 * What a dropped one held goes over the others; what was on its way is lost, so only slow ones,
 * which hold little, are dropped.
 */
export class UnfitCircuits {
  readonly #judged = new Set<number>();
  #nextAt = Number.NEGATIVE_INFINITY;
  #paceMs = PACE_MS;
  #since: number | undefined;
  /** The first number of those that came since something was dropped. */
  #newFrom: number | undefined;

  /** To be called with each sample. @returns those to drop now */
  name(sample: CircuitSample, rates: CircuitRates, options: UnfitOptions): number[] {
    const { now, missing, streams } = sample;
    const settled = rates.each.filter(({ ageMs }) => ageMs >= SETTLE_MS);
    const mean = settled.reduce((sum, { rate }) => sum + rate, 0) / settled.length;
    this.#since ??= now;
    const newest = Math.max(...streams.map(({ number }) => number).filter(isAdded));
    const isChoosy = missing !== null && newest < NUMBERS_FOR_DRAWS;
    const isUnfit = ({ rate }: CircuitRate): boolean =>
      rate < mean * (isChoosy ? UNFIT_PART : LAME_PART);
    this.#learn(settled, isUnfit);
    if (settled.length < JUDGED_MIN || now < this.#nextAt) return [];
    const leftS = (missing ?? Infinity) / rates.total;
    if (leftS < options.dialMs / 1000 + TOO_LATE_S) return [];
    const lacking = Math.max(0, options.wanted - streams.length);
    const room = Math.max(1, Math.floor(streams.length * AT_ONCE_PART)) - lacking;
    const unfit = settled.filter(isUnfit).slice(0, Math.max(0, room));
    if (unfit.length > 0) {
      this.#nextAt = now + Math.max(this.#paceMs, (now - this.#since) * PACE_PART);
      this.#newFrom ??= newest + 1;
    }
    return unfit.map(({ number }) => number);
  }

  /** Those that came instead are fit, or it pays less and less to draw. */
  #learn(settled: readonly CircuitRate[], isUnfit: (circuit: CircuitRate) => boolean): void {
    const news = settled.filter(({ number }) => !this.#judged.has(number));
    for (const { number } of news) this.#judged.add(number);
    const drawn = news.filter(({ number }) => number >= (this.#newFrom ?? Infinity));
    if (drawn.length === 0) return;
    const isVain = drawn.filter(isUnfit).length * 2 > drawn.length;
    this.#paceMs = isVain ? Math.min(this.#paceMs * 2, PACE_MAX_MS) : PACE_MS;
  }
}
