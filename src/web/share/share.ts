import type { Logger } from '../../base/logger.js';
import type { Checksums } from '../zip/checksums.js';
import type { TagKey } from '../http/tag-key.js';
import type { Passes } from '../server/passes.js';
import type { ZipPlans } from '../zip/zip-plans.js';
import type { Downloads } from './downloads.js';
import type { SharedTree } from './tree/shared-tree.js';

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
  readonly passes: Passes | undefined;
}
