import { deadline, untilAborted } from '../../base/deadline.js';
import { type Deferred, deferred } from '../../base/deferred.js';
import { UploadRefusal } from './upload-refusal.js';

/** Limits simultaneous uploads; further ones wait in order of arrival. */
export class UploadSlots {
  readonly #waitMs: number;
  readonly #waiting = new Set<Deferred<undefined>>();
  #free: number;

  constructor(slots: number, waitMs: number) {
    this.#free = slots;
    this.#waitMs = waitMs;
  }

  /** @throws UploadRefusal busy if no slot becomes free in time; the signal's reason */
  async within<T>(upload: () => Promise<T>, signal: AbortSignal): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await this.#wait(signal);
    try {
      return await upload();
    } finally {
      this.#give();
    }
  }

  async #wait(signal: AbortSignal): Promise<void> {
    const turn = deferred<undefined>();
    this.#waiting.add(turn);
    using end = deadline(this.#waitMs, 'no slot became free', signal);
    try {
      await untilAborted(turn.promise, end.signal);
    } catch {
      // If the slot was given at the same moment, it must be passed on.
      if (!this.#waiting.delete(turn)) this.#give();
      signal.throwIfAborted();
      throw new UploadRefusal({ kind: 'busy' });
    }
  }

  #give(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#free++;
      return;
    }
    this.#waiting.delete(next);
    next.resolve(undefined);
  }
}
