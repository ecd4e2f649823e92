import type { SecureStream } from '../conversation/secure-stream.js';

/** The sender is told of what is written at most this much later: it plans with that. */
const SOON_MS = 50;

/** Tells the sender how many data frames of a stream are written, in order, a few times a second. */
export class Acknowledger implements Disposable {
  readonly #stream: SecureStream;
  /** Frames that came, by number, and whether each is written; those before `#written` all are. */
  readonly #early = new Set<number>();
  #taken = 0;
  #written = 0;
  #told = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(stream: SecureStream) {
    this.#stream = stream;
  }

  /** A frame has come. @returns to be called when it is written */
  take(): () => void {
    const number = this.#taken++;
    return () => {
      this.#early.add(number);
      while (this.#early.delete(this.#written)) this.#written++;
      if (this.#written > this.#told) this.#timer ??= setTimeout(() => this.#tell(), SOON_MS);
    };
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    // Whatever is written later has nobody left to be told.
    this.#told = Number.POSITIVE_INFINITY;
  }

  #tell(): void {
    this.#timer = undefined;
    this.#told = this.#written;
    const control = { type: 'ack', frames: this.#written } as const;
    // A stream that takes no messages any more is noticed by whoever reads it.
    this.#stream.send({ frame: 'control', control }).catch(() => undefined);
  }
}
