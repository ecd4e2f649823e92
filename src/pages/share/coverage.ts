import type { ByteRange } from '../../onion-http/content/byte-range.js';

/** A part's end and how often the part was delivered; the next part begins there. */
interface Segment {
  readonly end: number;
  readonly times: number;
}

/**
 * Cuts one representation's past may have. Ranges that would make more are let go: whoever asks
 * for bytes in such pieces gets them all the same.
 */
const SEGMENTS_MAX = 1000;

/** How often each byte of a representation was delivered, beyond the whole times that were told. */
export class Coverage {
  #segments: readonly Segment[];

  /** @param size from 1 */
  constructor(size: number) {
    this.#segments = [{ end: size, times: 0 }];
  }

  /** Whether nothing is known that was not told. */
  get isEven(): boolean {
    return this.#segments.length === 1;
  }

  /** @returns how many whole representations are through by this: 0 or 1 */
  add({ start, end }: ByteRange): number {
    const next: Segment[] = [];
    const push = (segmentEnd: number, times: number): void => {
      const last = next.at(-1);
      if (segmentEnd <= (last?.end ?? 0)) return;
      if (last?.times === times) next.pop();
      next.push({ end: segmentEnd, times });
    };
    for (const segment of this.#segments) {
      push(Math.min(segment.end, start), segment.times);
      push(Math.min(segment.end, end), segment.times + 1);
      push(segment.end, segment.times);
    }
    if (next.length > SEGMENTS_MAX) return 0;
    const whole = Math.min(...next.map(({ times }) => times));
    this.#segments = next.map((segment) => ({ ...segment, times: segment.times - whole }));
    return whole;
  }
}
