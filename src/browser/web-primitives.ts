import type { Bytes } from '../base/bytes.js';
import type { Primitives } from '../session/conversation/primitives.js';
import { webAead } from '../stream/aead.js';
import { webDeflate, webInflate } from '../stream/deflate.js';

/** By WebCrypto and the Compression Streams API, which are native also where scripts are not compiled. */
export const webPrimitives: Primitives = {
  createAead: webAead,
  sha256: async (content): Promise<Bytes> =>
    new Uint8Array(await crypto.subtle.digest('SHA-256', content)),
  deflate: webDeflate,
  inflate: webInflate,
};
