import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';

/** Of SHA-256, in base64url: enough that two files never meet by chance. */
const TAG_CHARACTERS = 27;

/**
 * By what a file is known to hold the same bytes as before, also after a restart.
 *
 * The device is left out: its number may be another after the machine was started anew.
 */
export function identityOf({ ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return `${ino} ${size} ${mtimeNs} ${ctimeNs}`;
}

/**
 * A strong tag that is the same after a restart, so that downloads go on then, and that nobody can
 * read numbers of this machine from.
 */
export function fileEtag(stats: BigIntStats): string {
  return etagOf(
    createHash('sha256')
      .update(`file ${identityOf(stats)}`)
      .digest(),
  );
}

/** A strong tag from a SHA-256 hash over what describes a representation down to its last byte. */
export function etagOf(sha256: Buffer): string {
  return `"${sha256.toString('base64url').slice(0, TAG_CHARACTERS)}"`;
}
