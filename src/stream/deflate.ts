import { type Bytes, concat } from '../base/bytes.js';

/**
 * Raw deflate (RFC 1951), in which a manifest travels. Two programs implement it: the Compression
 * Streams API (here, for the browser) and node:zlib (in `transfer`, for which many small pieces are
 * no detour). Each must read what the other writes; the bytes may differ.
 */
export type Deflate = (content: Bytes) => Promise<Bytes> | Bytes;

/**
 * @param maxBytes a few bytes can stand for a thousand times as many: no more are made of them
 * @returns undefined if the result would be longer, or if it is not deflated, or incomplete
 */
export type Inflate = (deflated: Bytes, maxBytes: number) => Promise<Bytes | undefined>;

export const webDeflate: Deflate = async (content) => {
  const deflated = await gather(content, new CompressionStream('deflate-raw'), Infinity);
  if (deflated === undefined) throw new Error('a limit where there is none');
  return deflated;
};

export const webInflate: Inflate = async (deflated, maxBytes) => {
  try {
    return await gather(deflated, new DecompressionStream('deflate-raw'), maxBytes);
  } catch {
    return undefined;
  }
};

/**
 * What one piece becomes is made at once, before anybody can say that it is too much: of this much
 * deflated at most 16 MiB.
 */
const PIECE_BYTES = 16 * 1024;

/** @returns undefined if more than `maxBytes` would come out */
async function gather(
  content: Bytes,
  through: CompressionStream | DecompressionStream,
  maxBytes: number,
): Promise<Bytes | undefined> {
  const reader = inPieces(content).pipeThrough(through).getReader();
  const parts: Uint8Array[] = [];
  for (let bytes = 0; ; ) {
    const { done, value } = await reader.read();
    if (done) return concat(...parts);
    bytes += value.length;
    if (bytes > maxBytes) {
      await reader.cancel();
      return undefined;
    }
    parts.push(value);
  }
}

/** (A Blob's stream has pieces of any size that a browser likes.) */
function inPieces(content: Bytes): ReadableStream<Bytes> {
  let at = 0;
  return new ReadableStream({
    pull(controller): void {
      if (at >= content.length) {
        controller.close();
        return;
      }
      controller.enqueue(content.slice(at, at + PIECE_BYTES));
      at += PIECE_BYTES;
    },
  });
}
