import { sha256 } from '@noble/hashes/sha2.js';
import type { Primitives } from '../session/conversation/primitives.js';
import { webAead } from '../stream/aead.js';
import { webDeflate, webInflate } from '../stream/deflate.js';

/** Mostly by WebCrypto and the Compression Streams API, which are native also where scripts are not compiled. */
export const webPrimitives: Primitives = {
  createAead: webAead,
  // WebCrypto wants all of it at once.
  sha256: () => sha256.create(),
  deflate: webDeflate,
  inflate: webInflate,
};
