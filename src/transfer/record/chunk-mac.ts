import { createCipheriv } from 'node:crypto';
import type { Bytes } from '../../base/bytes.js';
import { CHUNK_MAC_BYTES, chunkNonce } from '../../stream/journal.js';

/** AES-256-GMAC: GCM of nothing, with the content as additional data (NIST SP 800-38D, 3). */
export function chunkMac(key: Bytes, chunk: number, content: Bytes): Bytes {
  const cipher = createCipheriv('aes-256-gcm', key, chunkNonce(chunk));
  cipher.setAAD(content);
  cipher.final();
  return cipher.getAuthTag().subarray(0, CHUNK_MAC_BYTES);
}
