import { sleep } from '../base/deadline.js';

/** What passes at once after a pause, in seconds of the rate. */
const BURST_SECONDS = 0.25;

export interface Clock {
  /** In milliseconds. */
  readonly now: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
}

const CLOCK: Clock = { now: () => performance.now(), sleep };

/**
 * Lets bytes pass at a rate, over everything that shares it, in the order of the calls. A call that
 * takes more than there is goes into debt, which those after it wait for: pieces are not divided.
 */
export class TokenBucket {
  /** Bytes per second. */
  readonly rate: number;
  readonly #perMs: number;
  readonly #burst: number;
  readonly #clock: Clock;
  #tokens: number;
  #at: number;
  #queue: Promise<void> = Promise.resolve();

  /** @param rate in bytes per second */
  constructor(rate: number, clock: Clock = CLOCK) {
    this.rate = rate;
    this.#perMs = rate / 1000;
    this.#burst = rate * BURST_SECONDS;
    this.#clock = clock;
    this.#tokens = this.#burst;
    this.#at = clock.now();
  }

  /** Resolves when these bytes may pass. @throws the signal's reason */
  async take(bytes: number, signal?: AbortSignal): Promise<void> {
    const turn = this.#queue.then(() => this.#take(bytes, signal));
    // One that gives up holds nobody up behind it.
    this.#queue = turn.catch(() => undefined);
    await turn;
  }

  async #take(bytes: number, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    this.#refill();
    while (this.#tokens < 0) {
      // A whole millisecond at least: timers may fire early.
      await this.#clock.sleep(Math.max(1, Math.ceil(-this.#tokens / this.#perMs)), signal);
      this.#refill();
    }
    this.#tokens -= bytes;
  }

  #refill(): void {
    const now = this.#clock.now();
    this.#tokens = Math.min(this.#burst, this.#tokens + (now - this.#at) * this.#perMs);
    this.#at = now;
  }
}
