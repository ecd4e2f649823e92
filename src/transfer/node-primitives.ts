import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { createDeflateRaw, createInflateRaw, deflateRawSync } from 'node:zlib';
import { type Bytes, concat } from '../base/bytes.js';
import type { Primitives } from '../session/conversation/primitives.js';
import { AEAD_TAG_BYTES, type Aead } from '../stream/aead.js';
import type { Deflate, Inflate } from '../stream/deflate.js';

const ALGORITHM = 'aes-256-gcm';
/** Names of fields and folders shrink at any level; this one costs a millisecond for a megabyte. */
const LEVEL = 3;
/** What is inflated before it is looked at. */
const INFLATED_BYTES: number = 64 * 1024;

/** AES-256-GCM by node:crypto: synchronous, without a hop to the thread pool for each frame. */
export function nodeAead(key: Bytes): Aead {
  return {
    seal(nonce, header, plaintext): readonly Bytes[] {
      const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: AEAD_TAG_BYTES });
      cipher.setAAD(header);
      const ciphertext = cipher.update(plaintext);
      cipher.final();
      return [ciphertext, cipher.getAuthTag()];
    },
    open(nonce, header, sealed): Bytes | undefined {
      const boundary = sealed.length - AEAD_TAG_BYTES;
      const decipher = createDecipheriv(ALGORITHM, key, nonce, { authTagLength: AEAD_TAG_BYTES });
      decipher.setAAD(header);
      decipher.setAuthTag(sealed.subarray(boundary));
      const plaintext = decipher.update(sealed.subarray(0, boundary));
      try {
        decipher.final();
      } catch {
        // The tag does not fit; nothing else is thrown there.
        return undefined;
      }
      return plaintext;
    },
  };
}

export const nodeInflate: Inflate = async function* (deflated) {
  const inflating = createInflateRaw({ chunkSize: INFLATED_BYTES });
  const source = Readable.from(deflated, { objectMode: true, highWaterMark: 1 });
  source.on('error', (error) => inflating.destroy(error));
  source.pipe(inflating);
  try {
    let isEmpty = true;
    for await (const piece of inflating) {
      isEmpty = false;
      // What zlib makes stands in memory of its own, a new one each time.
      yield piece as Bytes;
    }
    if (isEmpty) throw new Error('nothing was deflated');
  } finally {
    source.destroy();
    inflating.destroy();
  }
};

/** One piece at once: a sender that has just scanned waits for nothing else. */
export const nodeDeflate: Deflate = async (pieces) => {
  const [only, ...more] = pieces;
  if (only !== undefined && more.length === 0) {
    return new Uint8Array(deflateRawSync(only, { level: LEVEL }));
  }
  const deflated: Bytes[] = [];
  for await (const piece of Readable.from(pieces).pipe(createDeflateRaw({ level: LEVEL }))) {
    deflated.push(piece as Bytes); // as above
  }
  return concat(...deflated);
};

/** By node:crypto and node:zlib. */
export const nodePrimitives: Primitives = {
  createAead: nodeAead,
  sha256: () => createHash('sha256'),
  deflate: nodeDeflate,
  inflate: nodeInflate,
};
