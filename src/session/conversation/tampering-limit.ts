import { type Course, hasCode, OnionferryError } from '../../base/errors.js';

/** Meetings in a row that brought nothing but a tampered stream: somebody is between the two. */
export const TAMPERED_MAX = 5;
/**
 * Streams that are tampered with are tolerated if this much arrives for each, beyond the first few:
 * somebody who changes a byte now and then would otherwise hold both sides for as long as it likes.
 */
export const BYTES_PER_TAMPERED: number = 16 * 1024 * 1024;
/** The first few. Many streams can be open when somebody begins. */
export const TAMPERED_STREAMS_MAX = 64;

/** Somebody between the two changes what is sent, again and again: to try once more is no use. */
export class TamperedTooOften extends OnionferryError {
  constructor(cause: OnionferryError) {
    super(
      'ERR_STREAM',
      'what is sent is changed on its way, again and again; nothing was kept, so have it sent again, but not over the same relay',
      { cause },
    );
  }

  override get course(): Course {
    return 'final';
  }
}

/** Lets a transfer continue after a stream was tampered with, a limited number of times. */
export class TamperingLimit {
  readonly #max: number;
  #bytes = 0;
  #tampered = 0;
  /** Streams, over the whole transfer. */
  #streams = 0;

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
    return !hasCode(error, 'ERR_STREAM') || (this.#max > 1 && !this.#isTooOften());
  }

  /** A stream has ended so. */
  note(error: unknown): void {
    if (hasCode(error, 'ERR_STREAM')) this.#streams++;
  }

  /** A meeting has ended so. @throws TamperedTooOften */
  count(error: unknown): void {
    if (!hasCode(error, 'ERR_STREAM')) return;
    if (++this.#tampered >= this.#max || this.#isTooOften()) {
      throw new TamperedTooOften(error);
    }
  }

  #isTooOften(): boolean {
    return this.#streams > TAMPERED_STREAMS_MAX + this.#bytes / BYTES_PER_TAMPERED;
  }
}
