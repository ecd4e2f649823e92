import { createHash, createHmac } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import type { Brand } from '../../base/brand.js';
import type { Identity } from '../../onion/identity.js';

/** Of SHA-256, in base64url: enough that two files never meet by chance. */
const TAG_CHARACTERS = 27;

/** The key that makes the entity tags of one onion address differ from those of any other. */
export type TagKey = Brand<Buffer, 'TagKey'>;

/** The same at every start, so that downloads can be resumed after one. */
export function deriveTagKey({ seed }: Identity): TagKey {
  // Derived for nothing else.
  return createHmac('sha256', seed).update('onionferry pages: entity tags').digest() as TagKey;
}

/** Without a key, equal tags would show that two addresses serve the same file of one machine. */
export function keyedTag(key: TagKey, etag: string): string {
  return etagOf(createHmac('sha256', key).update(etag).digest());
}

/**
 * What identifies the present content of a file, also after a restart.
 *
 * The device is left out: its number may change when the machine restarts.
 */
export function identityOf({ ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return `${ino} ${size} ${mtimeNs} ${ctimeNs}`;
}

/** A strong tag (RFC 9110, section 8.8.3) that reveals none of these numbers. */
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
