import { deadline, untilAborted } from '../../base/deadline.js';
import { type Deferred, deferred } from '../../base/deferred.js';
import { UploadRefusal } from './upload-refusal.js';

/** Whose upload it is, and how it ends. */
export interface SlotUse {
  /** Ends the wait. */
  readonly signal: AbortSignal;
  /** The circuit of its visitor, where it is known */
  readonly circuit: number | undefined;
  /** Ends the upload for somebody who holds fewer slots. */
  readonly giveUp: () => void;
}

/**
 * Limits simultaneous uploads; further ones wait in order of arrival. When none is free, the circuit
 * that holds most gives up one for a circuit that holds fewer, however slowly it uses them.
 */
export class UploadSlots {
  readonly #waitMs: number;
  readonly #waiting = new Set<Deferred<undefined>>();
  /** In the order in which they began */
  readonly #running = new Set<SlotUse>();
  #free: number;

  constructor(slots: number, waitMs: number) {
    this.#free = slots;
    this.#waitMs = waitMs;
  }

  /** @throws UploadRefusal busy if no slot becomes free in time; the signal's reason */
  async within<T>(upload: () => Promise<T>, use: SlotUse): Promise<T> {
    if (this.#free > 0) {
      this.#free--;
    } else {
      this.#displace(use);
      await this.#wait(use.signal);
    }
    this.#running.add(use);
    try {
      return await upload();
    } finally {
      this.#running.delete(use);
      this.#give();
    }
  }

  /** The youngest of the circuit with most, which has least to lose. */
  #displace({ circuit }: SlotUse): void {
    const counts = new Map<number, number>();
    for (const { circuit: other } of this.#running) {
      if (other !== undefined) counts.set(other, (counts.get(other) ?? 0) + 1);
    }
    const own = circuit === undefined ? 0 : (counts.get(circuit) ?? 0);
    const most = Math.max(0, ...counts.values());
    if (most <= own + 1) return;
    const crowd = [...this.#running].filter(
      (other) => other.circuit !== undefined && counts.get(other.circuit) === most,
    );
    crowd.at(-1)?.giveUp();
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
