import { OnionferryError } from '../base/errors.js';
import { type Range, Ranges } from './ranges.js';
import { type HeldPiece, type Piece, StreamQueue } from './stream-queue.js';
import { worthCopying } from './worth-copying.js';

export type { Piece };

export interface ChunkPlanOptions {
  /** No piece is longer, or crosses a multiple of it. */
  readonly chunkBytes: number;
  /** Slow streams get parts of chunks, down to this; default: whole chunks. */
  readonly shortestBytes?: number;
  /** Length of the content; null if it grows by append(). */
  readonly total: number | null;
  /** What the recipient has. */
  readonly have?: Iterable<Range>;
}

/**
 * The sender's plan: which piece goes over which stream.
 *
 * Invariant: every position before `end` is either pending, or in exactly one needed held piece, or
 * acknowledged; so nothing is lost, whichever streams die, and only copies travel twice.
 *
 * Times are milliseconds of one clock. Whether a copy is worth while depends on the time alone, too:
 * a stream that was given nothing should ask again a few times a second.
 */
export class ChunkPlan {
  readonly #streams = new Map<number, StreamQueue>();
  readonly #pending = new Ranges();
  readonly #acknowledged = new Ranges();
  /** What the recipient has of content that has not been appended yet. */
  readonly #had: Ranges;
  readonly #held = new Set<HeldPiece>();
  readonly #cuts: PieceCuts;
  readonly #shortest: number;
  #end = 0;
  #ended: boolean;

  constructor(options: ChunkPlanOptions) {
    this.#shortest = options.shortestBytes ?? options.chunkBytes;
    this.#had = new Ranges(options.have);
    this.#cuts = new PieceCuts(options.chunkBytes, options.total ?? 0);
    this.#ended = options.total !== null;
    this.#grow(options.total ?? 0);
  }

  /** Bytes that the recipient has, whether they were sent by this plan or not. */
  get acknowledgedBytes(): number {
    return this.#acknowledged.bytes;
  }

  /** Whether all of [start, end) is acknowledged. */
  has(start: number, end: number): boolean {
    return this.#acknowledged.has(start, end);
  }

  /** Everything before this position is acknowledged. */
  get acknowledgedUpTo(): number {
    const [start, end] = this.#acknowledged.first() ?? [0, 0];
    return start === 0 ? end : 0;
  }

  /** Position of the last byte that is not acknowledged; undefined if all is. */
  get lastMissing(): number | undefined {
    const last = this.#acknowledged.missingWithin(0, this.#end).at(-1);
    return last === undefined ? undefined : last[1] - 1;
  }

  /** Bytes in flight and not acknowledged, copies not counted. */
  get heldBytes(): number {
    return this.#end - this.#pending.bytes - this.#acknowledged.bytes;
  }

  /** Length of the content, as far as it is known. */
  get end(): number {
    return this.#end;
  }

  /** Whether the content's length is known for good. */
  get isEnded(): boolean {
    return this.#ended;
  }

  get isComplete(): boolean {
    return this.#ended && this.#acknowledged.bytes === this.#end;
  }

  /** Bytes per second that a stream seems to carry; 0 if it is not there or has stalled. */
  rate(stream: number, now: number): number {
    return this.#streams.get(stream)?.rate(now) ?? 0;
  }

  join(stream: number, now: number): void {
    if (this.#streams.has(stream)) throw misuse(`stream ${stream} takes part already`);
    this.#streams.set(stream, new StreamQueue(now, this.#shortest));
  }

  /** The stream is dead: what it alone held is pending again. */
  leave(stream: number): void {
    const queue = this.#streams.get(stream);
    if (queue === undefined) return;
    this.#streams.delete(stream);
    for (const held of queue.latestFirst()) {
      held.holders.delete(queue);
      if (held.needed && held.holders.size === 0) this.#release(held);
    }
  }

  /** What `stream` should send next; undefined if nothing sensible at present. */
  take(stream: number, now: number): Piece | undefined {
    const queue = this.#streams.get(stream);
    if (queue === undefined) return undefined;
    const held = this.#pending.bytes > 0 ? this.#hold(queue, now) : this.#copy(queue, now);
    if (held === undefined) return undefined;
    queue.push(held, now);
    return held.piece;
  }

  /**
   * @param frames how many data frames of this stream the recipient has written, all in all
   * @returns the pieces that had not been acknowledged before
   * @throws OnionferryError ERR_PROTOCOL if fewer were sent, or more had been acknowledged
   */
  acknowledge(stream: number, frames: number, now: number): readonly Piece[] {
    // Of a stream that has left, everything was given to others: it is too late to matter.
    const acknowledged = this.#streams.get(stream)?.acknowledge(frames, now) ?? [];
    const news: Piece[] = [];
    for (const held of acknowledged) {
      if (!held.needed) continue;
      this.#settle(held);
      const { position, length } = held.piece;
      this.#acknowledged.add(position, position + length);
      news.push(held.piece);
    }
    const [start, end] = this.#acknowledged.first() ?? [0, 0];
    if (start === 0) this.#cuts.forget(end);
    return news;
  }

  /**
   * The recipient found [start, end) damaged: it is to be sent, whatever has been acknowledged.
   *
   * What is in flight of it cannot be relied on, because the recipient may have dropped it as a
   * duplicate before it noticed: those pieces are pending again as a whole.
   */
  again(start: number, end: number): void {
    this.#had.remove(start, end);
    const knownEnd = Math.min(end, this.#end);
    for (const held of this.#held) {
      const { position, length } = held.piece;
      if (position < knownEnd && position + length > start) this.#release(held);
    }
    this.#acknowledged.remove(start, knownEnd);
    this.#pending.add(start, knownEnd);
  }

  /** The content has grown by this many bytes, which are sent as one piece or several. */
  append(length: number): void {
    if (this.#ended) throw misuse('the content has ended');
    this.#cuts.append(this.#end + length);
    this.#grow(length);
  }

  /** The content grows no more. */
  finish(): void {
    this.#ended = true;
  }

  /** Makes the next pending piece a held one if the stream has room for it. */
  #hold(queue: StreamQueue, now: number): HeldPiece | undefined {
    const next = this.#pending.first();
    if (next === undefined) return undefined;
    const [position, pendingEnd] = next;
    const end = Math.min(pendingEnd, this.#cuts.after(position), position + queue.pieceBytes(now));
    if (!queue.hasRoomFor(end - position, now)) return undefined;
    this.#pending.remove(position, end);
    const piece = { position, length: end - position };
    const held: HeldPiece = { piece, holders: new Map(), needed: true };
    this.#held.add(held);
    return held;
  }

  #copy(queue: StreamQueue, now: number): HeldPiece | undefined {
    return this.#held.size === 0 ? undefined : worthCopying(queue, this.#streams.values(), now);
  }

  /** Nothing that is still reported about this piece matters. */
  #settle(held: HeldPiece): void {
    held.needed = false;
    this.#held.delete(held);
  }

  #release(held: HeldPiece): void {
    this.#settle(held);
    this.#pending.add(held.piece.position, held.piece.position + held.piece.length);
  }

  #grow(length: number): void {
    const end = this.#end + length;
    let at = this.#end;
    for (const [hadStart, hadEnd] of this.#had) {
      if (hadStart >= end) break;
      this.#pending.add(at, hadStart);
      at = Math.min(hadEnd, end);
      this.#acknowledged.add(hadStart, at);
    }
    this.#had.remove(0, end);
    this.#pending.add(at, end);
    this.#end = end;
  }
}

function misuse(message: string): OnionferryError {
  return new OnionferryError('ERR_INTERNAL', message);
}

/** Forgotten cuts are dropped when so many have gathered: dropping costs the length of the list. */
const FORGET_LENGTH = 1024;

/**
 * Where content is cut into pieces: at multiples of `chunkBytes`, in content of known length of
 * its beginning, in content that grows of the beginning of what was appended; no piece spans two
 * appended parts, so that a part can be sent as it was read.
 */
class PieceCuts {
  readonly #chunkBytes: number;
  /** Everything before it is cut at plain multiples. */
  #base: number;
  /** Ends of the parts appended behind `base`, ascending. */
  #ends: number[] = [];

  constructor(chunkBytes: number, length: number) {
    this.#chunkBytes = chunkBytes;
    this.#base = length;
  }

  append(end: number): void {
    this.#ends.push(end);
  }

  /** The first cut behind `position`. */
  after(position: number): number {
    if (position < this.#base) return Math.min(this.#next(0, position), this.#base);
    let low = 0;
    let high = this.#ends.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#ends[middle] ?? 0) > position) high = middle;
      else low = middle + 1;
    }
    const start = this.#ends[low - 1] ?? this.#base;
    return Math.min(this.#next(start, position), this.#ends[low] ?? position);
  }

  /** Nothing before `position` is likely to be asked for any more. */
  forget(position: number): void {
    if (this.#ends.length < FORGET_LENGTH || (this.#ends[FORGET_LENGTH - 1] ?? 0) > position)
      return;
    const kept = this.#ends.findIndex((end) => end > position);
    const dropped = kept === -1 ? this.#ends.length : kept;
    this.#base = this.#ends[dropped - 1] ?? this.#base;
    this.#ends = this.#ends.slice(dropped);
  }

  #next(start: number, position: number): number {
    const pieces = Math.floor((position - start) / this.#chunkBytes) + 1;
    return start + pieces * this.#chunkBytes;
  }
}
