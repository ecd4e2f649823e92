import type { Holder } from './places.js';

/** So many turns of the loop may go by for new connections alone. */
const PUT_OFF_TURNS = 16;

/**
 * Whose work is done next, where much comes at once: one piece of it in each turn of the event loop,
 * and of those who wait one after the other, however much each of them has brought.
 *
 * Node takes one new connection of a listening socket in each turn (libuv since 1.45), in the order in
 * which they came. So turns have to be short, and work is put off while connections come: or whoever
 * comes last waits for the work of all before, and is not even known.
 */
export class RequestTurns {
  /** By who waits, in the order in which they get their turns */
  readonly #waiting = new Map<Holder, (() => void)[]>();
  #isTaken = false;
  #hasArrived = false;
  #putOff = 0;

  /** A connection was taken in this turn, so that others may be behind it. */
  arrived(): void {
    this.#hasArrived = true;
  }

  /** Does it now if nothing else was done in this turn, otherwise later. It must not throw. */
  take(holder: Holder, work: () => void): void {
    const others = this.#waiting.get(holder);
    if (others !== undefined) others.push(work);
    else if (this.#isTaken) this.#waiting.set(holder, [work]);
    else this.#do(work);
  }

  #do(work: () => void): void {
    this.#isTaken = true;
    try {
      work();
    } finally {
      setImmediate(() => this.#next());
    }
  }

  #next(): void {
    const mayPutOff = this.#hasArrived && this.#putOff < PUT_OFF_TURNS;
    this.#hasArrived = false;
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#isTaken = false;
    } else if (mayPutOff) {
      this.#putOff++;
      setImmediate(() => this.#next());
    } else {
      this.#putOff = 0;
      const [holder, [work, ...others]] = next;
      this.#waiting.delete(holder);
      // Behind all others.
      if (others.length > 0) this.#waiting.set(holder, others);
      if (work !== undefined) this.#do(work);
    }
  }
}
