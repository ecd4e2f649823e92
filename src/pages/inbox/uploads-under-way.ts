import type { Bytes } from '../../base/bytes.js';
import { printable } from '../../base/printable.js';

/** What is over before is told only when it is saved. */
const TELL_AFTER_MS = 1_000;
/** At most one report in this time, of whichever upload something has come. */
const TELL_EVERY_MS = 500;
/** A page sends its next piece, or comes back over another circuit, sooner. */
const STOPPED_AFTER_MS = 10_000;

/** An upload that takes a while. */
export interface UploadProgress {
  /** Of the file that is arriving; safe to print */
  readonly name: string;
  /** Of a form: of all its files together */
  readonly bytes: number;
  /** With what a form adds to its files; null if it is not known */
  readonly total: number | null;
  /** Whether nothing has come for a while, and it is not whole. */
  readonly isStopped: boolean;
}

/** What is asked when there is something to tell. */
export interface Watched {
  readonly name: string;
  readonly total: number | null;
  bytes(): number;
  isWhole(): boolean;
}

/** Tells the owner of an inbox about uploads while they arrive. */
export class UploadsUnderWay implements Disposable {
  readonly #tell: (upload: UploadProgress) => void;
  #arriving = 0;
  #toldAt = Number.NEGATIVE_INFINITY;
  /** What was told last; undefined once its end was told as well. */
  #told: Watched | undefined;
  /** Of `#told` */
  #stopping: NodeJS.Timeout | undefined;

  constructor(tell: (upload: UploadProgress) => void) {
    this.#tell = tell;
  }

  /** Passes content on while it comes. @param since when its upload began, by `performance.now()` */
  async *watch(
    content: AsyncIterable<Bytes>,
    watched: Watched,
    since: number,
  ): AsyncGenerator<Bytes, void, undefined> {
    this.#arriving++;
    clearTimeout(this.#stopping);
    try {
      for await (const piece of content) {
        yield piece;
        this.#came(watched, since);
      }
    } finally {
      if (--this.#arriving === 0) this.#tellIfStopped();
    }
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#stopping);
  }

  #came(watched: Watched, since: number): void {
    const now = performance.now();
    if (now - since < TELL_AFTER_MS || now - this.#toldAt < TELL_EVERY_MS) return;
    this.#toldAt = now;
    this.#told = watched;
    this.#report(watched, false);
  }

  #tellIfStopped(): void {
    clearTimeout(this.#stopping);
    const told = this.#told;
    // Nobody has heard of any other.
    if (told === undefined) return;
    this.#stopping = setTimeout(() => {
      this.#told = undefined;
      if (!told.isWhole()) this.#report(told, true);
    }, STOPPED_AFTER_MS);
    this.#stopping.unref();
  }

  #report(watched: Watched, isStopped: boolean): void {
    const { name, total } = watched;
    this.#tell({ name: printable(name), bytes: watched.bytes(), total, isStopped });
  }
}
