import { sleep } from '../../base/deadline.js';
import { OPEN_MAX } from '../../stream/message.js';
import { isAdded } from '../conversation/stream-numbers.js';
import { CircuitCount } from './circuit-count.js';
import type { CircuitSample } from './circuit-rates.js';

const DECIDE_EVERY_MS = 250;
/** After a dial that failed or a stream that broke; doubles with each until one lasts. */
const PAUSE_MS = 500;
const PAUSE_MAX_MS = 15_000;
/**
 * A dial that takes so long, and so many times as long as others, is given up for another: over one
 * hop that has gone it would take a minute to fail, and keep a better circuit out all the while.
 */
const DIAL_MIN_MS = 8_000;
const DIAL_TIMES = 4;
/** Longer after each that was given up in vain. */
const DIAL_GROWTH = 1.5;

export interface CircuitPoolOptions {
  readonly circuits: number | undefined;
  /** How long the first stream's circuit took to dial, in milliseconds, if that is known. */
  readonly dialMs: number | undefined;
  readonly sample: () => Omit<CircuitSample, 'now'>;
  /** Asks the sender to open these streams. */
  readonly announce: (numbers: readonly number[]) => void;
  /** Opens a stream and reports when it is established; resolves when it has ended, established or not. */
  readonly open: (number: number, lives: () => void) => Promise<void>;
  /** Ends a stream, established or not. */
  readonly drop: (number: number) => void;
  readonly signal: AbortSignal;
}

/** Keeps as many streams as are worth it, besides the first: dials, replaces and drops them. */
export class CircuitPool {
  readonly #options: CircuitPoolOptions;
  readonly #count: CircuitCount;
  /** Ended here, which is no failure. */
  readonly #ended = new Set<number>();
  #dialMaxMs: number;
  #dialling = 0;
  #next = 1;
  #failures = 0;
  #pausedUntil = 0;

  constructor(options: CircuitPoolOptions) {
    this.#options = options;
    this.#count = new CircuitCount(options.circuits, options.dialMs);
    this.#dialMaxMs = dialMax(options.dialMs ?? 0);
  }

  /** From now on this many, as a user wants it. */
  fix(circuits: number): void {
    this.#count.fix(circuits);
  }

  /** Runs until the signal aborts. */
  async run(): Promise<void> {
    const { signal } = this.#options;
    while (!signal.aborted) {
      this.#step();
      // Aborted: the loop ends.
      await sleep(DECIDE_EVERY_MS, signal).catch(() => undefined);
    }
  }

  #step(): void {
    const { sample, announce } = this.#options;
    const now = performance.now();
    const state = sample();
    const { wanted, dropped } = this.#count.decide({ ...state, now });
    for (const number of dropped) this.#end(number);
    if (now < this.#pausedUntil || state.missing === 0) return;
    const lacking = wanted - state.streams.length - this.#dialling;
    // When a meeting has used up its numbers, the next meeting starts over.
    const numbers = Array.from({ length: Math.min(lacking, OPEN_MAX) }, () => this.#next++).filter(
      isAdded,
    );
    if (numbers.length > 0) announce(numbers);
    for (const number of numbers) void this.#open(number);
  }

  async #open(number: number): Promise<void> {
    const dial = { lives: false };
    const since = performance.now();
    const patience = setTimeout(() => {
      this.#dialMaxMs *= DIAL_GROWTH;
      this.#end(number);
    }, this.#dialMaxMs);
    this.#dialling++;
    await this.#options.open(number, () => {
      clearTimeout(patience);
      dial.lives = true;
      this.#dialling--;
      this.#failures = 0;
      this.#dialMaxMs = dialMax(performance.now() - since);
    });
    clearTimeout(patience);
    if (!dial.lives) this.#dialling--;
    if (this.#ended.delete(number)) return;
    if (!dial.lives) this.#failures++;
    const pause = Math.min(PAUSE_MS * 2 ** this.#failures, PAUSE_MAX_MS);
    this.#pausedUntil = performance.now() + pause;
  }

  #end(number: number): void {
    this.#ended.add(number);
    this.#options.drop(number);
  }
}

function dialMax(dialMs: number): number {
  return Math.max(DIAL_MIN_MS, dialMs * DIAL_TIMES);
}
