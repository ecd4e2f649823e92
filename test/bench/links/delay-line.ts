interface Waiting {
  readonly due: number;
  readonly deliver: () => void;
}

/** How many delivered ones may stand before the queue is cut. */
const SPENT_MAX = 4096;

/**
 * Calls back what was put in, in the same order, `delayMs` later. As all wait equally long, one
 * queue and one timer do for any number of connections.
 */
export class DelayLine {
  readonly #delayMs: number;
  #waiting: Waiting[] = [];
  /** Those before it are delivered. */
  #next = 0;
  #isArmed = false;

  constructor(delayMs: number) {
    this.#delayMs = delayMs;
  }

  put(deliver: () => void): void {
    this.#waiting.push({ due: performance.now() + this.#delayMs, deliver });
    if (!this.#isArmed) this.#arm(this.#delayMs);
  }

  #arm(ms: number): void {
    this.#isArmed = true;
    setTimeout(() => this.#deliver(), Math.ceil(ms));
  }

  #deliver(): void {
    const now = performance.now();
    let first = this.#waiting[this.#next];
    while (first !== undefined && first.due <= now) {
      this.#next += 1;
      first.deliver();
      first = this.#waiting[this.#next];
    }
    if (first === undefined || this.#next >= SPENT_MAX) {
      this.#waiting = this.#waiting.slice(this.#next);
      this.#next = 0;
    }
    if (first === undefined) this.#isArmed = false;
    else this.#arm(first.due - now);
  }
}
