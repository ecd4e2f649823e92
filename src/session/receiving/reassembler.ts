import type { Bytes } from '../../base/bytes.js';
import { type Deferred, deferred } from '../../base/deferred.js';
import { asOnionferryError, OnionferryError } from '../../base/errors.js';
import { Notifier } from '../../base/notifier.js';
import { type Range, Ranges } from '../../stream/ranges.js';
import type { Destination, ReceivedFiles } from './destination.js';

/** Content being written; beyond it no stream is read. */
const WRITING_MAX_BYTES: number = 4 * 1024 * 1024;
/**
 * Gaps in what has come, besides those of an earlier process: many times what streams of different
 * speeds make. Each takes memory and time here, and a hostile sender could make one with every byte.
 */
const GAPS_MAX = 65_536;

/**
 * When nothing at all was written for this long, streams are read nevertheless, frame by frame:
 * what a destination in order waits for may come after what it cannot take yet. The sender gives a
 * stream no more than a window's worth.
 */
const STUCK_MS = 5_000;

export interface WholeTransfer extends ReceivedFiles {
  /** Those that were wanted. */
  readonly bytes: number;
}

interface Write {
  readonly from: number;
  readonly to: number;
  readonly done: Promise<void>;
}

export interface ReassemblerOptions {
  readonly destination: Destination;
  /** Length of the content; null until the sender tells. */
  readonly total: number | null;
  /** Bytes verified and written, and the position of the last one. */
  readonly onWritten: (bytes: number, at: number) => void;
}

/**
 * Takes content from any stream, in any order and however often it comes, and passes each byte to
 * the destination once. The destination alone knows what is written; here is kept what is on its
 * way there.
 */
export class Reassembler {
  readonly destination: Destination;
  readonly #options: ReassemblerOptions;
  readonly #whole: Deferred<WholeTransfer> = deferred();
  /** Passed to the destination, and not in its `written` yet. */
  readonly #inFlight = new Ranges();
  readonly #writes = new Set<Write>();
  /** Notified when something was written. */
  readonly #room = new Notifier();
  readonly #isOpenEnded: boolean;
  #total: number | null;
  #rangesMax: number;
  #writing = 0;
  #finishing = false;
  #failure: OnionferryError | undefined;
  #onCorrupt: (start: number, end: number) => void = () => undefined;

  constructor(options: ReassemblerOptions) {
    const { destination, total } = options;
    this.#options = options;
    this.destination = destination;
    this.#total = total;
    this.#isOpenEnded = total === null;
    this.#rangesMax = destination.written.count + GAPS_MAX;
    // Also told to the streams that bring content, and perhaps nobody waits for the whole yet.
    this.#whole.promise.catch(() => undefined);
    destination.verify((start, end) => {
      this.#rangesMax++;
      this.#onCorrupt(start, end);
    });
    this.#finishIfComplete();
  }

  /** What need not come again. */
  get had(): Ranges {
    return this.destination.written;
  }

  /** Bytes of the content that are wanted; undefined if all of them. */
  get wanted(): number | undefined {
    const { unwanted = 0 } = this.destination;
    return unwanted === 0 || this.#total === null ? undefined : this.#total - unwanted;
  }

  /** Bytes that are still to come; null while that is not known. */
  get missing(): number | null {
    return this.#total === null ? null : this.#total - this.had.bytes;
  }

  /** Whether all has come, and is being made real. */
  get isFinishing(): boolean {
    return this.#finishing;
  }

  /** Whether something that has come is on its way to the disk. */
  get isWriting(): boolean {
    return this.#writing > 0;
  }

  /** Resolves when everything is verified, on disk and under its final name. */
  get whole(): Promise<WholeTransfer> {
    return this.#whole.promise;
  }

  /** Asks the sender again for what proves to be damaged. */
  set onCorrupt(listener: (start: number, end: number) => void) {
    this.#onCorrupt = listener;
  }

  /**
   * Resolves when there is room for more; `written` tells when these bytes have been written.
   *
   * @throws OnionferryError ERR_PROTOCOL, or why nothing can be written any more
   */
  async take(position: number, content: Bytes, written: () => void): Promise<void> {
    const end = position + content.length;
    if (this.#total !== null && end > this.#total) {
      throw new OnionferryError('ERR_PROTOCOL', 'the other side sent more than it had offered');
    }
    // What came before and is not written yet: until it is, this has not been, either.
    const earlier = [...this.#writes].filter((write) => write.from < end && write.to > position);
    const writes = this.#claim(position, end).map(([from, to]) =>
      this.#write(from, content.subarray(from - position, to - position)),
    );
    this.#writing += content.length;
    Promise.all([...writes, ...earlier.map(({ done }) => done)]).then(
      () => {
        this.#leave(content.length);
        written();
        if (writes.length > 0) {
          this.#options.onWritten(this.had.bytes - (this.destination.unwanted ?? 0), end - 1);
        }
        this.#finishIfComplete();
      },
      (error: unknown) => this.#fail(error),
    );
    while (this.#writing > WRITING_MAX_BYTES) {
      // What failed to be written makes no room any more.
      if (this.#failure !== undefined) throw this.#failure;
      if (!(await this.#room.wait(STUCK_MS))) return;
    }
  }

  /** The sender has said, perhaps on each stream, how long content of unknown length is. */
  end(total: number): void {
    if (this.#isOpenEnded && this.#total === total) return;
    const hasMore = [...this.had, ...this.#inFlight].some(([, end]) => end > total);
    if (this.#total !== null || hasMore) {
      throw new OnionferryError('ERR_PROTOCOL', 'the other side changed its mind about the length');
    }
    this.#total = total;
    this.#finishIfComplete();
  }

  #write(from: number, content: Bytes): Promise<void> {
    const to = from + content.length;
    const done = this.destination.write(from, content).then(() => this.#inFlight.remove(from, to));
    const write = { from, to, done };
    this.#writes.add(write);
    // Thrown where it is waited for.
    done.catch(() => undefined).finally(() => this.#writes.delete(write));
    return done;
  }

  /** The parts of a range that have not come yet; from here on they are in flight. */
  #claim(start: number, end: number): Range[] {
    const parts = this.#inFlight
      .missingWithin(start, end)
      .flatMap(([from, to]) => this.had.missingWithin(from, to));
    for (const part of parts) this.#inFlight.add(...part);
    if (this.had.count + this.#inFlight.count > this.#rangesMax) {
      throw new OnionferryError(
        'ERR_PROTOCOL',
        'the other side sent nothing but tiny pieces; try again',
      );
    }
    return parts;
  }

  #leave(bytes: number): void {
    this.#writing -= bytes;
    this.#room.notify();
  }

  #finishIfComplete(): void {
    if (this.#finishing || this.missing !== 0) return;
    this.#finishing = true;
    const { bytes } = this.had;
    this.destination.finish(bytes).then(
      (result) => this.#whole.resolve({ bytes: this.wanted ?? bytes, ...result }),
      (error: unknown) => this.#fail(error),
    );
  }

  #fail(error: unknown): void {
    const failure = asOnionferryError(
      error,
      'ERR_DESTINATION',
      'what arrived could not be written',
    );
    this.#failure ??= failure;
    this.#whole.reject(failure);
    this.#leave(0);
  }
}
