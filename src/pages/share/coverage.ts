import type { ByteRange } from '../../onion-http/content/conditions.js';

/** A part that was delivered `times` times; the next part begins at its end. */
interface Segment {
  readonly end: number;
  readonly times: number;
}

/** Segments kept per representation. A delivery that would need more is not counted. */
const SEGMENTS_MAX = 1000;

/** How often each byte of a representation was delivered, not counting completed deliveries. */
export class Coverage {
  #segments: readonly Segment[];

  /** @param size from 0; of no bytes there is one part, which is empty */
  constructor(size: number) {
    this.#segments = [{ end: Math.max(size, 1), times: 0 }];
  }

  /** Whether every byte was delivered equally often */
  get isEven(): boolean {
    return this.#segments.length === 1;
  }

  /** @returns how many deliveries of the whole this completes: 0 or 1 */
  add({ start, end }: ByteRange): number {
    const next: Segment[] = [];
    const push = (segmentEnd: number, times: number): void => {
      const last = next.at(-1);
      if (segmentEnd <= (last?.end ?? 0)) return;
      if (last?.times === times) next.pop();
      next.push({ end: segmentEnd, times });
    };
    // Of a representation without bytes.
    const until = Math.max(end, 1);
    for (const segment of this.#segments) {
      push(Math.min(segment.end, start), segment.times);
      push(Math.min(segment.end, until), segment.times + 1);
      push(segment.end, segment.times);
    }
    if (next.length > SEGMENTS_MAX) return 0;
    const whole = Math.min(...next.map(({ times }) => times));
    this.#segments = next.map((segment) => ({ ...segment, times: segment.times - whole }));
    return whole;
  }

  /** How many deliveries of the whole these parts would complete. */
  wholesWith(parts: Iterable<ByteRange>): number {
    const copy = new Coverage(1);
    copy.#segments = this.#segments;
    let wholes = 0;
    for (const part of parts) wholes += copy.add(part);
    return wholes;
  }
}
