import { createCipheriv, randomBytes } from 'node:crypto';
import type { Bytes } from '../../base/bytes.js';

const BLOCK_BYTES = 16;

/**
 * Hides what waits on the disk until it is complete, with a key that only this object has: when the
 * process ends, nobody can read it any more, and it is lost.
 *
 * Pieces come in any order, so the cipher must start anywhere: AES-256 in counter mode, the counter
 * being the number of the block in the file. It hides, and does not show alterations; whoever can
 * alter the staging folder can alter the program's output as well. A piece that comes twice is
 * encrypted by the same bytes: two copies of the disk, from before and after, tell where the two differ.
 */
export class StagingCipher {
  readonly #key = randomBytes(32);

  /** Encrypts, or decrypts, the bytes that stand at `position`. */
  apply(position: number, bytes: Bytes): Bytes {
    const iv = Buffer.alloc(BLOCK_BYTES);
    iv.writeBigUInt64BE(BigInt(Math.floor(position / BLOCK_BYTES)), BLOCK_BYTES - 8);
    const cipher = createCipheriv('aes-256-ctr', this.#key, iv);
    cipher.update(new Uint8Array(position % BLOCK_BYTES));
    return cipher.update(bytes);
  }
}
