import type { Bytes } from '../../base/bytes.js';
import { type Deferred, deferred } from '../../base/deferred.js';
import { OnionferryError } from '../../base/errors.js';
import { Ranges } from '../../stream/ranges.js';

/** What came before its turn is kept in memory up to this; what is beyond makes its writer wait. */
const HELD_BYTES_MAX: number = 32 * 1024 * 1024;

interface Piece {
  readonly content: Bytes;
  readonly taken: Deferred<undefined>;
}

/** Passes content on in order, in whatever order it comes. */
export class ContentSequence {
  /** What was passed on, or is held until its turn. */
  readonly written: Ranges = new Ranges();
  readonly #passOn: (content: Bytes) => Promise<void>;
  readonly #held = new Map<number, Piece>();
  #heldBytes = 0;
  #passed = 0;
  #turn: Promise<void> = Promise.resolve();
  #failure: Error | undefined;

  constructor(passOn: (content: Bytes) => Promise<void>) {
    this.#passOn = passOn;
  }

  /**
   * Resolves when `content` was passed on, or is held without taking too much memory. Each byte
   * must be written once only.
   *
   * @throws OnionferryError ERR_INTERNAL if it was written before, or what passing on threw
   */
  async write(position: number, content: Bytes): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    const end = position + content.length;
    const [gap] = this.written.missingWithin(position, end);
    if (gap?.[0] !== position || gap[1] !== end || this.#held.has(position)) {
      throw new OnionferryError('ERR_INTERNAL', 'the same content was to be written twice');
    }
    const taken = deferred<undefined>();
    this.#held.set(position, { content, taken });
    this.#heldBytes += content.length;
    if (this.#heldBytes <= HELD_BYTES_MAX && position !== this.#passed) taken.resolve(undefined);
    // A failure is thrown by the next write if this one has been answered already.
    this.#turn = this.#turn.then(() => this.#pass());
    await taken.promise;
    this.written.add(position, end);
  }

  /** @throws OnionferryError ERR_INTERNAL unless exactly `total` bytes came, or what passing on threw */
  async finish(total: number): Promise<void> {
    await this.#turn;
    if (this.#failure !== undefined) throw this.#failure;
    if (total !== this.#passed || this.#held.size > 0) {
      throw new OnionferryError('ERR_INTERNAL', 'content was finished before all of it had come');
    }
  }

  async #pass(): Promise<void> {
    try {
      for (;;) {
        const piece = this.#held.get(this.#passed);
        if (piece === undefined) return;
        await this.#passOn(piece.content);
        this.#held.delete(this.#passed);
        this.#passed += piece.content.length;
        this.#heldBytes -= piece.content.length;
        piece.taken.resolve(undefined);
      }
    } catch (error) {
      this.#fail(error as Error); // only errors are thrown there
    }
  }

  #fail(error: Error): void {
    this.#failure = error;
    for (const { taken } of this.#held.values()) taken.reject(error);
    this.#held.clear();
  }
}
