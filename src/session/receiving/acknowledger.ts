import type { SecureStream } from '../conversation/secure-stream.js';

/** What is written is acknowledged at most this much later: the sender plans with it. */
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
    // For what is written later there is nobody left to tell.
    this.#told = Number.POSITIVE_INFINITY;
  }

  #tell(): void {
    this.#timer = undefined;
    this.#told = this.#written;
    const control = { type: 'ack', frames: this.#written } as const;
    // The reader of this stream notices that it takes no more messages.
    this.#stream.send({ frame: 'control', control }).catch(() => undefined);
  }
}
