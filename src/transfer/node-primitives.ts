import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { deflateRawSync, inflateRaw } from 'node:zlib';
import type { Bytes } from '../base/bytes.js';
import type { Primitives } from '../session/conversation/primitives.js';
import { AEAD_TAG_BYTES, type Aead } from '../stream/aead.js';
import type { Inflate } from '../stream/deflate.js';

const ALGORITHM = 'aes-256-gcm';
/** Names of fields and folders shrink at any level; this one costs a millisecond for a megabyte. */
const LEVEL = 3;

const inflating = promisify(inflateRaw);

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

export const nodeInflate: Inflate = async (deflated, maxBytes) => {
  try {
    return new Uint8Array(await inflating(deflated, { maxOutputLength: maxBytes }));
  } catch {
    // Not deflated, not whole, or too much: the caller words it.
    return undefined;
  }
};

/** By node:crypto and node:zlib. Deflates at once: a sender that has just scanned waits for nothing else. */
export const nodePrimitives: Primitives = {
  createAead: nodeAead,
  sha256: (content) => new Uint8Array(createHash('sha256').update(content).digest()),
  deflate: (content) => new Uint8Array(deflateRawSync(content, { level: LEVEL })),
  inflate: nodeInflate,
};
