import type { Bytes } from '../../base/bytes.js';
import { type Deferred, deferred } from '../../base/deferred.js';
import { asOnionferryError, OnionferryError } from '../../base/errors.js';
import { Ranges } from '../../stream/ranges.js';
import type { Destination, ReceivedFile } from '../../transfer/destination/destination.js';

/** Content on its way to the file system; beyond it streams are not read on. */
const WRITING_MAX_BYTES: number = 4 * 1024 * 1024;
/**
 * Gaps in what has come, besides those of an earlier process: many times what streams at different
 * speeds make. Each takes room and time here, and a sender might make one with every byte.
 */
const GAPS_MAX = 65_536;

/**
 * When nothing at all was written for so long, streams are read on nevertheless, frame by frame:
 * what a destination in order waits for may lie behind what it cannot take yet. The sender does not
 * give a stream more than a window's worth.
 */
const STUCK_MS = 5_000;

export interface WholeTransfer {
  readonly bytes: number;
  readonly files: readonly ReceivedFile[];
  readonly warnings: readonly string[];
}

export interface ReassemblerOptions {
  readonly destination: Destination;
  /** Length of the content; null until the sender tells. */
  readonly total: number | null;
  /** Bytes verified and written. */
  readonly onWritten: (bytes: number) => void;
}

/**
 * Takes content from any stream, in any order and however often it comes, and hands each byte to
 * the destination once.
 */
export class Reassembler {
  readonly destination: Destination;
  readonly #options: ReassemblerOptions;
  readonly #whole: Deferred<WholeTransfer> = deferred();
  /** What is written, and what is written or on its way. */
  readonly #written: Ranges;
  readonly #claimed: Ranges;
  readonly #room: (() => void)[] = [];
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
    this.#written = new Ranges(destination.had);
    this.#claimed = new Ranges(destination.had);
    this.#rangesMax = this.#claimed.count + GAPS_MAX;
    this.#whole.promise.catch(() => undefined);
    destination.onCorrupt((start, end) => {
      this.#written.remove(start, end);
      this.#claimed.remove(start, end);
      this.#rangesMax++;
      this.#onCorrupt(start, end);
    });
    this.#finishIfComplete();
  }

  /** What need not come again. */
  get had(): Ranges {
    return this.#written;
  }

  /** Bytes that are still to come; null while that is not known. */
  get missing(): number | null {
    return this.#total === null ? null : this.#total - this.#written.bytes;
  }

  /** Resolves when everything is verified, on disk and under its final name. */
  get whole(): Promise<WholeTransfer> {
    return this.#whole.promise;
  }

  /** Whom to ask for what proves to be damaged. */
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
    const writes = this.#claim(position, end).map(async ([from, to]) => {
      await this.destination.write(from, content.subarray(from - position, to - position));
      this.#written.add(from, to);
    });
    this.#writing += content.length;
    Promise.all(writes).then(
      () => {
        this.#leave(content.length);
        written();
        if (writes.length > 0) this.#options.onWritten(this.#written.bytes);
        this.#finishIfComplete();
      },
      (error: unknown) => this.#fail(error),
    );
    while (this.#writing > WRITING_MAX_BYTES) {
      // What failed to be written makes no room any more.
      if (this.#failure !== undefined) throw this.#failure;
      if (!(await this.#roomWithin(STUCK_MS))) return;
    }
  }

  /** @returns whether anything was written meanwhile */
  #roomWithin(ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), ms);
      this.#room.push(() => {
        clearTimeout(timer);
        resolve(true);
      });
    });
  }

  /** The sender has told, perhaps on each stream, how long content of unknown length is. */
  end(total: number): void {
    if (this.#isOpenEnded && this.#total === total) return;
    const [last] = [...this.#claimed].slice(-1);
    if (this.#total !== null || (last?.[1] ?? 0) > total) {
      throw new OnionferryError('ERR_PROTOCOL', 'the other side changed its mind about the length');
    }
    this.#total = total;
    this.#finishIfComplete();
  }

  /** The parts of a range that nobody has brought yet; from here on they count as brought. */
  #claim(start: number, end: number): (readonly [number, number])[] {
    const parts = this.#claimed.missingWithin(start, end);
    this.#claimed.add(start, end);
    if (this.#claimed.count > this.#rangesMax) {
      throw new OnionferryError(
        'ERR_PROTOCOL',
        'the other side sent nothing but shreds; try again',
      );
    }
    return parts;
  }

  #leave(bytes: number): void {
    this.#writing -= bytes;
    for (const wake of this.#room.splice(0)) wake();
  }

  #finishIfComplete(): void {
    if (this.#finishing || this.missing !== 0) return;
    this.#finishing = true;
    const bytes = this.#written.bytes;
    this.destination.finish(bytes).then(
      (result) => this.#whole.resolve({ bytes, ...result }),
      (error: unknown) => this.#fail(error),
    );
  }

  #fail(error: unknown): void {
    const failure = asOnionferryError(error, 'ERR_DESTINATION', 'what came could not be written');
    this.#failure ??= failure;
    this.#whole.reject(failure);
    this.#leave(0);
  }
}
