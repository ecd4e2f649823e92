import { type Bytes, concat } from '../base/bytes.js';

/**
 * Raw deflate (RFC 1951), in which a manifest travels. Two programs implement it: the Compression
 * Streams API (here, for the browser) and node:zlib (in `transfer`, for which many small pieces are
 * no detour). Each must read what the other writes; the bytes may differ.
 */
export type Deflate = (content: Bytes) => Promise<Bytes> | Bytes;

/**
 * @param maxBytes a few bytes can stand for a thousand times as many: no more are made of them
 * @returns undefined if more would come of it, or if it is not deflated, or not whole
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

/** @returns undefined if more than `maxBytes` would come out */
async function gather(
  content: Bytes,
  through: CompressionStream | DecompressionStream,
  maxBytes: number,
): Promise<Bytes | undefined> {
  const reader = new Blob([content]).stream().pipeThrough(through).getReader();
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
