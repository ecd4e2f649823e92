import { type Bytes, concat } from '../base/bytes.js';

/**
 * Raw deflate (RFC 1951), in which a manifest travels. Two programs implement it: the Compression
 * Streams API (here, for the browser) and node:zlib (in `transfer`, for which many small pieces are
 * no detour). Each must read what the other writes; the bytes may differ.
 */
export type Deflate = (pieces: readonly Bytes[]) => Promise<Bytes> | Bytes;

/**
 * A few bytes can stand for a thousand times as many: what comes out is made as it is asked for, and
 * no more is made once nobody asks.
 *
 * @throws Error of any kind, at its end, if that is not deflated, or incomplete
 */
export type Inflate = (deflated: Iterable<Bytes>) => AsyncIterable<Bytes>;

export const webDeflate: Deflate = async (pieces) => {
  const parts: Bytes[] = [];
  for await (const part of through(new CompressionStream('deflate-raw'), pieces)) parts.push(part);
  return concat(...parts);
};

export const webInflate: Inflate = (deflated) =>
  through(new DecompressionStream('deflate-raw'), deflated);

/**
 * What one piece becomes is made at once, before anybody can say that it is too much: of this much
 * deflated at most 16 MiB.
 */
const PIECE_BYTES = 16 * 1024;

async function* through(
  transform: CompressionStream | DecompressionStream,
  content: Iterable<Bytes>,
): AsyncGenerator<Bytes, void, undefined> {
  const reader = inPieces(content).pipeThrough(transform).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    // After the end, or a failure, there is nothing to give up.
    await reader.cancel().catch(() => undefined);
  }
}

/** (A Blob's stream has pieces of any size that a browser likes.) */
function inPieces(content: Iterable<Bytes>): ReadableStream<Bytes> {
  const pieces = cut(content);
  return new ReadableStream({
    pull(controller): void {
      const { done, value } = pieces.next();
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
  });
}

function* cut(content: Iterable<Bytes>): Generator<Bytes, void, undefined> {
  for (const piece of content) {
    for (let at = 0; at < piece.length; at += PIECE_BYTES) {
      yield piece.slice(at, at + PIECE_BYTES);
    }
  }
}
