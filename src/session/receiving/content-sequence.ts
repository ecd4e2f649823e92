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
  readonly #passOn: (content: Bytes) => Promise<void>;
  readonly #claimed = new Ranges();
  readonly #held = new Map<number, Piece>();
  #heldBytes = 0;
  #passed = 0;
  #turn: Promise<void> = Promise.resolve();
  #failure: Error | undefined;

  constructor(passOn: (content: Bytes) => Promise<void>) {
    this.#passOn = passOn;
  }

  /**
   * Resolves when `content` was passed on, or lies here without taking too much room.
   *
   * @throws OnionferryError ERR_PROTOCOL if it came before, or what passing on threw
   */
  async write(position: number, content: Bytes): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    const before = this.#claimed.bytes;
    this.#claimed.add(position, position + content.length);
    if (this.#claimed.bytes - before !== content.length) throw outOfTurn();
    if (content.length === 0) return;
    const taken = deferred<undefined>();
    this.#held.set(position, { content, taken });
    this.#heldBytes += content.length;
    if (this.#heldBytes <= HELD_BYTES_MAX && position !== this.#passed) taken.resolve(undefined);
    // A failure is thrown by the next write if this one has been answered already.
    this.#turn = this.#turn.then(() => this.#pass());
    await taken.promise;
  }

  /** @throws OnionferryError ERR_PROTOCOL unless exactly `total` bytes came */
  async finish(total: number): Promise<void> {
    await this.#turn;
    if (this.#failure !== undefined) throw this.#failure;
    if (total !== this.#passed || this.#held.size > 0) throw outOfTurn();
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

function outOfTurn(): OnionferryError {
  return new OnionferryError('ERR_PROTOCOL', 'the other side left something out; try again');
}
