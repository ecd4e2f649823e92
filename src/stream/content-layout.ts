import type { FileEntry, Manifest } from './manifest.js';

/** Where a file is in the content's byte sequence. */
export interface Placement {
  readonly entry: FileEntry;
  /** Index in `manifest.entries`. */
  readonly index: number;
  /** Position of the file's first byte. */
  readonly start: number;
  /** Position behind its last byte; Infinity while the size is unknown. */
  readonly end: number;
}

/** A run of the sequence that lies within one file. */
export interface Span {
  readonly placement: Placement;
  /** Bytes from the file's own beginning. */
  readonly offset: number;
  readonly length: number;
}

/** Maps positions in the content's byte sequence to positions in files. */
export class ContentLayout {
  readonly placements: readonly Placement[];

  constructor(manifest: Manifest) {
    let at = 0;
    const placements: Placement[] = [];
    manifest.entries.forEach((entry, index) => {
      if (entry.type !== 'file') return;
      const end = entry.size === null ? Number.POSITIVE_INFINITY : at + entry.size;
      placements.push({ entry, index, start: at, end });
      at = end;
    });
    this.placements = placements;
  }

  /** Length of the sequence; Infinity while unknown. */
  get end(): number {
    return this.placements.at(-1)?.end ?? 0;
  }

  /** The spans that `length` bytes from `position` cover, in order; empty files have none. */
  *spans(position: number, length: number): Generator<Span> {
    const end = Math.min(position + length, this.end);
    for (let i = this.#indexAt(position); position < end; i++) {
      const placement = this.placements[i];
      if (placement === undefined) return;
      const spanEnd = Math.min(end, placement.end);
      if (spanEnd > position) {
        yield { placement, offset: position - placement.start, length: spanEnd - position };
        position = spanEnd;
      }
    }
  }

  /** Index of the first placement that ends behind `position`. */
  #indexAt(position: number): number {
    let low = 0;
    let high = this.placements.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.placements[middle]?.end ?? 0) > position) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
