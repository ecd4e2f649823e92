import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { Bytes } from '../base/bytes.js';
import { AEAD_TAG_BYTES, type Aead } from '../stream/aead.js';

const ALGORITHM = 'aes-256-gcm';

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
        return undefined;
      }
      return plaintext;
    },
  };
}
