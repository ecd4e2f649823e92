import type { Bytes } from '../../base/bytes.js';
import { FRAME_CONTENT_BYTES } from '../../stream/frame.js';
import { chunkRange } from '../../stream/journal.js';
import { Ranges } from '../../stream/ranges.js';

/** Chunks that are being put together; of the oldest beyond it nothing is noted in the journal. */
const CHUNKS_MAX = 64;

interface PartialChunk {
  /** Zeros where nothing has come yet. */
  readonly content: Bytes;
  readonly missing: Ranges;
}

/**
 * Puts chunks together that come in pieces, over slow streams or as only parts are wanted: the
 * journal notes a chunk as a whole, with zeros for what is not wanted.
 */
export class PartialChunks {
  readonly #unwanted: Ranges;
  readonly #end: number;
  readonly #chunks = new Map<number, PartialChunk>();

  /** @param end length of the content */
  constructor(unwanted: Ranges, end: number) {
    this.#unwanted = unwanted;
    this.#end = end;
  }

  /** @returns a chunk of which this piece was the last that was missing */
  take(position: number, piece: Bytes): { chunk: number; content: Bytes } | undefined {
    const chunk = Math.floor(position / FRAME_CONTENT_BYTES);
    const [start, end] = chunkRange(chunk, this.#end);
    if (position + piece.length > end) return undefined;
    const { content, missing } = this.#chunks.get(chunk) ?? this.#begin(chunk, start, end);
    content.set(piece, position - start);
    missing.remove(position, position + piece.length);
    if (missing.count > 0) return undefined;
    this.#chunks.delete(chunk);
    return { chunk, content };
  }

  #begin(chunk: number, start: number, end: number): PartialChunk {
    const begun = {
      content: new Uint8Array(end - start),
      missing: new Ranges(this.#unwanted.missingWithin(start, end)),
    };
    this.#chunks.set(chunk, begun);
    const [oldest] = this.#chunks.keys();
    if (oldest !== undefined && this.#chunks.size > CHUNKS_MAX) this.#chunks.delete(oldest);
    return begun;
  }
}
