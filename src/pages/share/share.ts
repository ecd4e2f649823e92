import type { Logger } from '../../base/logger.js';
import type { SharedTree } from '../../disk/tree/shared-tree.js';
import type { TagKey } from '../../onion-http/content/tag-key.js';
import type { SignedLinks } from '../../onion-http/signed-links.js';
import type { Checksums } from '../../zip/checksums.js';
import type { ZipPlans } from '../../zip/plan-zip.js';
import type { Downloads } from './downloads.js';

/** What all routes of one share have in common. */
export interface Share {
  readonly tree: SharedTree;
  readonly downloads: Downloads;
  readonly logger: Logger;
  readonly signal: AbortSignal | undefined;
  readonly checksums: Checksums;
  readonly plans: ZipPlans;
  readonly tagKey: TagKey | undefined;
  /** Of which downloads get one each; without, they are addressed by their paths alone */
  readonly signedLinks: SignedLinks | undefined;
}
