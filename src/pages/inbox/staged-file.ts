import { createHash } from 'node:crypto';
import type { Bytes } from '../../base/bytes.js';

/** A file that is complete and on the disk, and not in the inbox yet. */
export interface StagedFile {
  readonly path: string;
  /** What was sent; in the file it may be hidden. */
  content(): AsyncIterable<Bytes>;
  readonly bytes: number;
  /** In hex */
  readonly sha256: string;
  /** SHA-256 of the SHA-256s of its units of DIGEST_UNIT_BYTES, in hex: what a page can compute */
  readonly unitsSha256: string;
}

/** Reads all of it once. @param content in units of DIGEST_UNIT_BYTES */
export async function digestsOf(
  content: AsyncIterable<Bytes>,
): Promise<Pick<StagedFile, 'sha256' | 'unitsSha256'>> {
  const whole = createHash('sha256');
  const units = createHash('sha256');
  for await (const bytes of content) {
    whole.update(bytes);
    units.update(createHash('sha256').update(bytes).digest());
  }
  return { sha256: whole.digest('hex'), unitsSha256: units.digest('hex') };
}
