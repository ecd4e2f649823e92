import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';

/** Of SHA-256, in base64url: enough that two files never meet by chance. */
const TAG_CHARACTERS = 27;

/**
 * A strong tag that is the same after a restart, so that downloads go on then, and that nobody can
 * read numbers of this machine from.
 *
 * The device is left out: its number may be another after the machine was started anew.
 */
export function fileEtag({ ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return etagOf(`file ${ino} ${size} ${mtimeNs} ${ctimeNs}`);
}

/** A strong tag for what `described` describes down to the last byte. */
export function etagOf(described: string | Uint8Array): string {
  const hash = createHash('sha256').update(described).digest('base64url');
  return `"${hash.slice(0, TAG_CHARACTERS)}"`;
}
