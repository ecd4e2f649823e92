import { CircuitRates, type CircuitSample } from './circuit-rates.js';
import { Drawing } from './drawing.js';
import type { Growth } from './growth.js';
import { Trials } from './trials.js';
import { UnfitCircuits } from './unfit-circuits.js';

/** A circuit that takes this long to dial has a long way. */
export const SLOW_DIAL_MS = 1_000;
/** A circuit pays when there is this much for each to carry: about what takes as long as building it. */
const BYTES_PER_CIRCUIT: number = 1024 * 1024;
/**
 * Where there is this much to carry over a long way, all are asked for without waiting for what the
 * first bring: much of it would have arrived by then.
 */
export const MUCH_BYTES: number = 16 * 1024 * 1024;

export interface CircuitDecision {
  readonly wanted: number;
  /** Streams that are not worth their circuits. */
  readonly dropped: readonly number[];
}

/**
 * Decides how many circuits carry a transfer, and which of them are replaced.
 *
 *                     a first dial of 1 s, and    16 MiB or more; or thin circuits
 *     a few (Trials) ──────────────────────────────────────────────────────────▶ many (Drawing)
 *
 * Whichever it is, UnfitCircuits names those that do not carry. A user who sets the number gets that
 * number, of which the unfit are replaced as well.
 */
export class CircuitCount {
  readonly #rates = new CircuitRates();
  readonly #unfit = new UnfitCircuits();
  readonly #dialMs: number;
  #growth: Growth;
  #fixed: number | undefined;
  #hasBegun = false;

  /**
   * @param fixed what the user asked for; undefined lets it decide
   * @param dialMs how long the quickest of the first circuits took
   */
  constructor(fixed?: number, dialMs = 0) {
    this.#fixed = fixed;
    this.#dialMs = dialMs;
    this.#growth = new Trials({
      dialMs,
      onThin: (measured) => {
        this.#growth = new Drawing(measured);
      },
    });
  }

  /** From now on this many. */
  fix(circuits: number): void {
    this.#fixed = circuits;
  }

  decide(sample: CircuitSample): CircuitDecision {
    const { missing, streams } = sample;
    this.#rates.note(sample);
    if (!this.#hasBegun) {
      this.#hasBegun = true;
      if (this.#dialMs >= SLOW_DIAL_MS && (missing ?? 0) >= MUCH_BYTES)
        this.#growth = new Drawing();
    }
    const worthwhile = Math.max(1, Math.ceil((missing ?? Infinity) / BYTES_PER_CIRCUIT));
    const most = this.#fixed ?? this.#growth.wanted(sample, this.#rates, worthwhile);
    // Live streams are not ended because there is less to do.
    const wanted = Math.max(
      Math.min(most, this.#fixed ?? worthwhile),
      Math.min(streams.length, most),
    );
    const surplus = streams.length > most ? streams.at(-1) : undefined;
    const dropped =
      surplus === undefined
        ? this.#unfit.name(sample, this.#rates, { wanted, dialMs: this.#dialMs })
        : [surplus.number];
    return { wanted, dropped };
  }
}
