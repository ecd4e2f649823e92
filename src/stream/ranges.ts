import type { Bytes } from '../base/bytes.js';
import { OnionferryError } from '../base/errors.js';

/** Bytes from `start` to just before `end`; never empty. */
export type Range = readonly [start: number, end: number];

/** A range on the wire: start and end, u64 each, big endian. */
export const RANGE_BYTES = 16;

/** What has arrived, for those who only look at it. */
export type HeldRanges = Pick<Ranges, 'has'>;

/**
 * A set of byte positions, kept as its maximal ranges.
 *
 * Two parallel ascending lists: a look-up is a binary search, and only an operation that makes or
 * ends a range moves the rest of the lists. Invariant: starts[i] < ends[i] < starts[i + 1].
 */
export class Ranges {
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  #bytes = 0;

  constructor(ranges: Iterable<Range> = []) {
    for (const [start, end] of ranges) this.add(start, end);
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** How many ranges it takes. */
  get count(): number {
    return this.#starts.length;
  }

  add(start: number, end: number): void {
    if (start >= end) return;
    // Ranges that merely touch the new one become one with it.
    const from = firstAtLeast(this.#ends, start);
    const to = firstAtLeast(this.#starts, end + 1);
    if (from < to) {
      start = Math.min(start, this.#start(from));
      end = Math.max(end, this.#end(to - 1));
    }
    this.#replace(from, to, [[start, end]]);
  }

  remove(start: number, end: number): void {
    if (start >= end) return;
    const from = firstAtLeast(this.#ends, start + 1);
    const to = firstAtLeast(this.#starts, end);
    if (from >= to) return;
    const kept: Range[] = [];
    if (this.#start(from) < start) kept.push([this.#start(from), start]);
    if (this.#end(to - 1) > end) kept.push([end, this.#end(to - 1)]);
    this.#replace(from, to, kept);
  }

  /** Whether all of it is in the set. */
  has(start: number, end: number): boolean {
    if (start >= end) return true;
    const at = firstAtLeast(this.#ends, end);
    return at < this.#ends.length && this.#start(at) <= start;
  }

  /** What of [start, end) is not in the set, ascending. */
  missingWithin(start: number, end: number): Range[] {
    const gaps: Range[] = [];
    let at = start;
    for (let i = firstAtLeast(this.#ends, start + 1); i < this.#starts.length; i++) {
      const rangeStart = this.#start(i);
      if (rangeStart >= end) break;
      if (rangeStart > at) gaps.push([at, rangeStart]);
      at = this.#end(i);
    }
    if (at < end) gaps.push([at, end]);
    return gaps;
  }

  /** The lowest. */
  first(): Range | undefined {
    return this.#starts.length === 0 ? undefined : [this.#start(0), this.#end(0)];
  }

  *[Symbol.iterator](): Generator<Range, void, undefined> {
    for (let i = 0; i < this.#starts.length; i++) yield [this.#start(i), this.#end(i)];
  }

  #start(index: number): number {
    return this.#starts[index] ?? 0;
  }

  #end(index: number): number {
    return this.#ends[index] ?? 0;
  }

  #replace(from: number, to: number, by: readonly Range[]): void {
    for (let i = from; i < to; i++) this.#bytes -= this.#end(i) - this.#start(i);
    for (const [start, end] of by) this.#bytes += end - start;
    const [only] = by;
    if (only !== undefined && by.length === 1 && to - from === 1) {
      [this.#starts[from], this.#ends[from]] = only;
      return;
    }
    this.#starts.splice(from, to - from, ...by.map(([start]) => start));
    this.#ends.splice(from, to - from, ...by.map(([, end]) => end));
  }
}

/** Index of the first of ascending `values` that is at least `least`. */
function firstAtLeast(values: readonly number[], least: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((values[middle] ?? 0) >= least) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** At most `max` ranges, the longest ones, ascending: what is left out merely travels once more. */
export function encodeRanges(ranges: Ranges, max: number): Bytes {
  let chosen = [...ranges];
  if (chosen.length > max) {
    chosen = chosen
      .sort((a, b) => b[1] - b[0] - (a[1] - a[0]))
      .slice(0, max)
      .sort((a, b) => a[0] - b[0]);
  }
  const bytes = new Uint8Array(chosen.length * RANGE_BYTES);
  const view = new DataView(bytes.buffer);
  chosen.forEach(([start, end], i) => {
    view.setBigUint64(i * RANGE_BYTES, BigInt(start));
    view.setBigUint64(i * RANGE_BYTES + RANGE_BYTES / 2, BigInt(end));
  });
  return bytes;
}

/** @throws OnionferryError ERR_PROTOCOL unless `bytes` are ranges in ascending order, none empty and no two overlapping */
export function decodeRanges(bytes: Bytes): Ranges {
  if (bytes.length % RANGE_BYTES !== 0) throw malformed();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const ranges = new Ranges();
  let behind = 0n;
  for (let at = 0; at < bytes.length; at += RANGE_BYTES) {
    const start = view.getBigUint64(at);
    const end = view.getBigUint64(at + RANGE_BYTES / 2);
    if (start < behind || end <= start || end > Number.MAX_SAFE_INTEGER) throw malformed();
    ranges.add(Number(start), Number(end));
    behind = end;
  }
  return ranges;
}

function malformed(): OnionferryError {
  return new OnionferryError(
    'ERR_PROTOCOL',
    'the other side lists what it has in a form that this version does not understand; update onionferry on both sides',
  );
}
