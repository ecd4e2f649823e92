/** Forgotten cuts are dropped when this many have gathered: dropping costs the length of the list. */
const FORGET_LENGTH = 1024;

/**
 * Where content is cut into pieces: at multiples of `chunkBytes`, in content of known length of
 * its beginning, in content that grows of the beginning of what was appended; no piece spans two
 * appended parts, so that a part can be sent as it was read.
 */
export class PieceCuts {
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
