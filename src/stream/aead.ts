import type { Bytes } from '../base/bytes.js';

export const AEAD_NONCE_BYTES = 12;
export const AEAD_TAG_BYTES = 16;

/**
 * One AES-256-GCM key. Two programs implement it: WebCrypto (here, for the browser) and
 * node:crypto (in `transfer`, twice as fast for frames of our size). Both must agree to the byte.
 */
export interface Aead {
  /** @returns ciphertext followed by the 16-byte tag, in one or more parts */
  seal(nonce: Bytes, header: Bytes, plaintext: Bytes): Promise<readonly Bytes[]> | readonly Bytes[];
  /** @returns the plaintext, or undefined if the tag does not fit */
  open(nonce: Bytes, header: Bytes, sealed: Bytes): Promise<Bytes | undefined> | Bytes | undefined;
}

/** AES-256-GCM by WebCrypto. */
export async function webAead(key: Bytes): Promise<Aead> {
  const handle = await crypto.subtle.importKey('raw', key, 'AES-GCM', false, [
    'encrypt',
    'decrypt',
  ]);
  const algorithm = (iv: Bytes, additionalData: Bytes): AesGcmParams => ({
    name: 'AES-GCM',
    iv,
    additionalData,
    tagLength: AEAD_TAG_BYTES * 8,
  });
  return {
    async seal(nonce, header, plaintext): Promise<readonly Bytes[]> {
      return [
        new Uint8Array(await crypto.subtle.encrypt(algorithm(nonce, header), handle, plaintext)),
      ];
    },
    async open(nonce, header, sealed): Promise<Bytes | undefined> {
      try {
        return new Uint8Array(
          await crypto.subtle.decrypt(algorithm(nonce, header), handle, sealed),
        );
      } catch {
        return undefined;
      }
    },
  };
}

interface AesGcmParams {
  name: 'AES-GCM';
  iv: Bytes;
  additionalData: Bytes;
  tagLength: number;
}
