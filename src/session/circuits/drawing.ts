import type { CircuitRates, CircuitSample } from './circuit-rates.js';
import type { Growth, Measured } from './growth.js';
import { SETTLE_MS } from './unfit-circuits.js';

/** The most that live or are dialled at a time. */
export const CIRCUITS_DRAWN = 32;
/** The unfit are replaced only up to this many. Each loads six relays of volunteers. */
const CIRCUITS_KEPT = 28;
/** How long the draw waits for those that do not come: a relay may allow fewer, a path be broken. */
const DRAW_MAX_MS = 12_000;
/** What more circuits must add to the rate of fewer, where all are alike. */
const GAIN = 1.1;
/** Circuits of which the slowest carries this part of the fastest share one line, as it seems. */
const ALIKE_PART = 0.6;

/**
 * Where circuits are thin, because the way is long or relays are slow: draws many at once, so that
 * those that carry can be told from those that do not.
 *
 *     drawing (32) ── half of them have had time ──▶ keeping (those that are fit, at least 28)
 *                         │ all alike, and no faster than a few:
 *                         ▼ a line is full that all share
 *                       as few as before
 */
export class Drawing implements Growth {
  /** What fewer carried, if that is known. */
  readonly #before: Measured | undefined;
  #since: number | undefined;
  #isOver = false;
  #few: number | undefined;

  constructor(before?: Measured) {
    this.#before = before;
  }

  wanted(sample: CircuitSample, rates: CircuitRates): number {
    const { now, streams } = sample;
    this.#since ??= now;
    if (!this.#isOver) {
      const settled = streams.filter(({ since }) => now - since >= SETTLE_MS).length;
      this.#isOver = settled >= CIRCUITS_DRAWN / 2 || now - this.#since >= DRAW_MAX_MS;
      if (!this.#isOver) return CIRCUITS_DRAWN;
      this.#few = this.#fewerCarried(rates);
    }
    // What carries is never given back.
    return this.#few ?? Math.min(CIRCUITS_DRAWN, Math.max(CIRCUITS_KEPT, streams.length));
  }

  #fewerCarried(rates: CircuitRates): number | undefined {
    const before = this.#before;
    if (before === undefined || rates.total >= before.rate * GAIN) return undefined;
    const settled = rates.each.filter(({ ageMs }) => ageMs >= SETTLE_MS);
    const isAlike = (settled[0]?.rate ?? 0) >= (settled.at(-1)?.rate ?? 0) * ALIKE_PART;
    return isAlike ? before.circuits : undefined;
  }
}
