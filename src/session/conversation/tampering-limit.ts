import { hasCode } from '../../base/errors.js';

/** Meetings in a row that brought nothing but a changed stream: somebody is between the two. */
export const TAMPERED_MAX = 5;

/** Lets a transfer go on after a stream was changed on its way, a bounded number of times. */
export class TamperingLimit {
  readonly #max: number;
  #bytes = 0;
  #tampered = 0;

  /** @param max meetings in a row that end so before the transfer does; 1: the first one ends it */
  constructor(max: number = TAMPERED_MAX) {
    this.#max = max;
  }

  /** So much has come through. */
  progress(bytes: number): void {
    if (bytes <= this.#bytes) return;
    this.#bytes = bytes;
    this.#tampered = 0;
  }

  /** Whether `error` is nothing that ends the transfer at once, and is told to the other side. */
  tolerates(error: unknown): boolean {
    return this.#max > 1 || !hasCode(error, 'ERR_STREAM');
  }

  /** A meeting has ended so. @throws what ended it, if it was tampered with too often */
  count(error: unknown): void {
    if (hasCode(error, 'ERR_STREAM') && ++this.#tampered >= this.#max) throw error;
  }
}
