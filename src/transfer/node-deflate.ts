import { promisify } from 'node:util';
import { deflateRawSync, inflateRaw } from 'node:zlib';
import type { Bytes } from '../base/bytes.js';
import type { Inflate } from '../stream/deflate.js';

/** Names of fields and folders shrink at any level; this one costs a millisecond for a megabyte. */
const LEVEL = 3;

const inflating = promisify(inflateRaw);

/** By node:zlib, at once: whoever has just made a manifest waits for nothing else. */
export function nodeDeflate(content: Bytes): Bytes {
  return new Uint8Array(deflateRawSync(content, { level: LEVEL }));
}

export const nodeInflate: Inflate = async (deflated, maxBytes) => {
  try {
    return new Uint8Array(await inflating(deflated, { maxOutputLength: maxBytes }));
  } catch {
    return undefined;
  }
};
