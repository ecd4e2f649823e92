import { createHmac } from 'node:crypto';
import type { Brand } from '../../base/brand.js';
import type { Identity } from '../../onion/identity.js';
import { etagOf } from './file-etag.js';

/** What makes the tags of one onion address its own. */
export type TagKey = Brand<Buffer, 'TagKey'>;

/** The same at every start, so that downloads go on then. */
export function deriveTagKey({ seed }: Identity): TagKey {
  // Derived for nothing else.
  return createHmac('sha256', seed).update('onionferry pages: entity tags').digest() as TagKey;
}

/** Else equal tags would tell that two addresses serve the same file of one machine. */
export function keyedTag(key: TagKey, etag: string): string {
  return etagOf(createHmac('sha256', key).update(etag).digest());
}
