import { hasCode } from '../base/errors.js';

/** Meetings in a row that brought nothing but a changed stream: somebody is between the two. */
const TAMPERED_MAX = 5;

/** Lets a transfer go on after a damaged stream, but not for ever. */
export class TamperingLimit {
  #bytes = 0;
  #tampered = 0;

  /** So much has come through. */
  progress(bytes: number): void {
    if (bytes <= this.#bytes) return;
    this.#bytes = bytes;
    this.#tampered = 0;
  }

  /** A meeting has ended so. @throws what ended it, if it was tampered with too often */
  count(error: unknown): void {
    if (hasCode(error, 'ERR_STREAM') && ++this.#tampered >= TAMPERED_MAX) throw error;
  }
}
