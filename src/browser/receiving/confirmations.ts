import type { SecureStream } from '../stream/secure-stream.js';

/** The sender is told of what was taken at most this much later: it plans with that. */
const SOON_MS = 50;

/** Tells the sender how many data frames of a stream were taken, a few times a second. */
export class Confirmations {
  readonly #stream: SecureStream;
  #frames = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(stream: SecureStream) {
    this.#stream = stream;
  }

  taken(): void {
    this.#frames++;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      const control = { type: 'ack', frames: this.#frames } as const;
      // A stream that takes no messages any more is noticed by whoever reads it.
      this.#stream.send({ frame: 'control', control }).catch(() => undefined);
    }, SOON_MS);
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}
