import { OnionferryError } from '../base/errors.js';

/** So many of the shortest pieces may be in flight on any stream, up to so many bytes. */
const WINDOW_MIN_PIECES = 8;
const WINDOW_MIN_MAX_BYTES: number = 1024 * 1024;
/**
 * More may be in flight on a faster stream, but no more than it delivers in this time: what was
 * written to a circuit cannot be taken back, so it is lost time if the circuit becomes slow.
 */
const WINDOW_SECONDS = 2;
/**
 * And no less than in so many of its quickest trips, or a long way would never be filled: what a
 * stream delivers is then set by its window, and the window by what it delivers.
 */
const WINDOW_TRIPS = 2;
const WINDOW_MAX_SECONDS = 6;
/** A piece takes about this long: a slow stream holds little of a chunk, and soon tells how it does. */
const PIECE_SECONDS = 0.25;
/** Dropping the head of a list costs its length: done when at least this much has gathered. */
const COMPACT_LENGTH = 256;

/** Content that travels in one data frame. */
export interface Piece {
  readonly position: number;
  readonly length: number;
}

/** A piece in flight, on one stream or several. */
export interface HeldPiece {
  readonly piece: Piece;
  /** The streams that hold it, each with the position of its end in what that stream was given. */
  readonly holders: Map<StreamQueue, number>;
  /** Whether an acknowledgement still means anything: not once acknowledged, or reported damaged. */
  needed: boolean;
}

/** What one stream was given and has not acknowledged, in the order in which it delivers. */
export class StreamQueue {
  readonly #rate: StreamRate;
  readonly #shortest: number;
  #pieces: HeldPiece[] = [];
  /** When each of them was given. */
  #givenAt: number[] = [];
  /** The shortest time from giving a piece to its acknowledgement; 0 while there was none. */
  #quickestMs = 0;
  #head = 0;
  /** Data frames acknowledged in all. */
  #frames = 0;
  #givenBytes = 0;
  #acknowledgedBytes = 0;

  /** @param shortest length of the shortest pieces it is given */
  constructor(now: number, shortest: number) {
    this.#shortest = shortest;
    this.#rate = new StreamRate(now);
  }

  /** Given and not acknowledged. */
  get bytes(): number {
    return this.#givenBytes - this.#acknowledgedBytes;
  }

  /** Bytes per second; 0 once it has stalled. */
  rate(now: number): number {
    return this.#rate.at(now, this.#pieces[this.#head]?.piece.length ?? 0);
  }

  /** How long a piece for it should be: by powers of two, so that a chunk is cut evenly. */
  pieceBytes(now: number): number {
    const bytes = this.rate(now) * PIECE_SECONDS;
    return Math.max(this.#shortest, 2 ** Math.floor(Math.log2(Math.max(1, bytes))));
  }

  hasRoomFor(length: number, now: number): boolean {
    if (this.bytes === 0) return true;
    const rate = this.rate(now);
    // What a stalled stream were given now would have to be given to another one later.
    if (rate === 0) return false;
    const least = Math.min(WINDOW_MIN_PIECES * this.#shortest, WINDOW_MIN_MAX_BYTES);
    return this.bytes + length <= Math.max(least, rate * this.#windowSeconds);
  }

  get #windowSeconds(): number {
    const trips = (WINDOW_TRIPS * this.#quickestMs) / 1000;
    return Math.min(WINDOW_MAX_SECONDS, Math.max(WINDOW_SECONDS, trips));
  }

  push(held: HeldPiece, now: number): void {
    if (this.bytes === 0) this.#rate.start(now);
    this.#pieces.push(held);
    this.#givenAt.push(now);
    this.#givenBytes += held.piece.length;
    held.holders.set(this, this.#givenBytes);
  }

  /**
   * @param frames how many data frames of this stream are acknowledged, all in all
   * @returns what was acknowledged by it just now, oldest first
   * @throws OnionferryError ERR_PROTOCOL if fewer were sent, or more had been acknowledged
   */
  acknowledge(frames: number, now: number): HeldPiece[] {
    const count = frames - this.#frames;
    if (!Number.isSafeInteger(count) || count < 0 || count > this.#pieces.length - this.#head) {
      throw new OnionferryError(
        'ERR_PROTOCOL',
        'the other side confirms content that was not sent to it; update onionferry on both sides',
      );
    }
    if (count === 0) return [];
    const acknowledged = this.#pieces.slice(this.#head, this.#head + count);
    const last = this.#givenAt[this.#head + count - 1] ?? now;
    const tripMs = now - last;
    this.#quickestMs = Math.min(this.#quickestMs || tripMs, tripMs);
    this.#head += count;
    this.#frames = frames;
    if (this.#head >= COMPACT_LENGTH && this.#head * 2 >= this.#pieces.length) {
      this.#pieces = this.#pieces.slice(this.#head);
      this.#givenAt = this.#givenAt.slice(this.#head);
      this.#head = 0;
    }
    let bytes = 0;
    for (const held of acknowledged) {
      held.holders.delete(this);
      bytes += held.piece.length;
    }
    this.#acknowledgedBytes += bytes;
    this.#rate.acknowledged(bytes, now);
    return acknowledged;
  }

  /** What it still holds, latest first. */
  *latestFirst(): Generator<HeldPiece, void, undefined> {
    for (let i = this.#pieces.length - 1; i >= this.#head; i--) {
      const held = this.#pieces[i];
      if (held !== undefined) yield held;
    }
  }

  /** Expected seconds until a piece that it holds is acknowledged; Infinity if it has stalled. */
  secondsUntil(held: HeldPiece, now: number): number {
    const end = held.holders.get(this);
    if (end === undefined) return Number.POSITIVE_INFINITY;
    return (end - this.#acknowledgedBytes) / this.rate(now);
  }

  /** Expected seconds until this many more bytes are acknowledged. */
  secondsFor(length: number, now: number): number {
    return (this.bytes + length) / this.rate(now);
  }
}

/**
 * How far back the estimate looks. Shorter, and one late acknowledgement looks like a slow circuit;
 * longer, and a circuit that has become slow keeps getting what a fast one should carry.
 */
const MEMORY_SECONDS = 1.5;
/** Bytes per second taken for granted of a stream nobody has seen work: what a poor circuit carries. */
const UNPROVEN_RATE: number = 256 * 1024;
/** How much that assumption weighs, against 1 for a full memory: the first real second outweighs it. */
const UNPROVEN_WEIGHT = 0.1;
/**
 * Acknowledgements come in lumps, and a circuit's round trip may take this long: no news yet. After
 * twice this time nothing is left of the estimate.
 */
const PATIENCE_SECONDS = 1;
/** Whoever holds bytes and acknowledges none for so long counts as not moving at all. */
const STALLED_SECONDS = 5;

/**
 * How fast one stream carries bytes, as its acknowledgements tell.
 *
 * What an acknowledgement confirms is spread evenly over the time since the one before; time in
 * which the stream held nothing does not count, so that an idle stream does not look slow.
 */
class StreamRate {
  #weighted: number = UNPROVEN_RATE * UNPROVEN_WEIGHT;
  #weight = UNPROVEN_WEIGHT;
  /** When the stream last gave a sign of life, or was given something to do. */
  #since: number;

  constructor(now: number) {
    this.#since = now;
  }

  /** The stream, which held nothing, was given bytes. */
  start(now: number): void {
    this.#since = now;
  }

  acknowledged(bytes: number, now: number): void {
    const seconds = Math.max(0, now - this.#since) / 1000;
    const kept = Math.exp(-seconds / MEMORY_SECONDS);
    // The limit for no time at all, where the quotient is not defined.
    const gained = seconds === 0 ? bytes / MEMORY_SECONDS : (bytes / seconds) * (1 - kept);
    this.#weighted = this.#weighted * kept + gained;
    this.#weight = this.#weight * kept + (1 - kept);
    this.#since = now;
  }

  /**
   * Bytes per second of a stream whose next acknowledgement is of `next` bytes (0: it holds
   * nothing). Having waited in vain for a while, it is no faster than if that came just now.
   */
  at(now: number, next: number): number {
    const estimate = this.#weighted / this.#weight;
    const waited = (now - this.#since) / 1000;
    if (next === 0 || waited <= PATIENCE_SECONDS) return estimate;
    if (waited >= STALLED_SECONDS) return 0;
    const trusted = estimate * Math.max(0, 2 * PATIENCE_SECONDS - waited);
    return Math.min(estimate, Math.max(next, trusted) / waited);
  }
}
