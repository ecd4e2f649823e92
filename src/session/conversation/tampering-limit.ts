import { hasCode } from '../../base/errors.js';

/** Meetings in a row that brought nothing but a tampered stream: somebody is between the two. */
export const TAMPERED_MAX = 5;

/** Lets a transfer continue after a stream was tampered with, a limited number of times. */
export class TamperingLimit {
  readonly #max: number;
  #bytes = 0;
  #tampered = 0;

  /** @param max meetings in a row that end so before the transfer does; 1: the first one ends it */
  constructor(max: number = TAMPERED_MAX) {
    this.#max = max;
  }

  /** This many bytes have arrived intact. */
  progress(bytes: number): void {
    if (bytes <= this.#bytes) return;
    this.#bytes = bytes;
    this.#tampered = 0;
  }

  /** False if this error must end the transfer at once, and the other side must be told. */
  tolerates(error: unknown): boolean {
    return this.#max > 1 || !hasCode(error, 'ERR_STREAM');
  }

  /** A meeting has ended so. @throws what ended it, if it was tampered with too often */
  count(error: unknown): void {
    if (hasCode(error, 'ERR_STREAM') && ++this.#tampered >= this.#max) throw error;
  }
}
