import { systemCode } from '../base/system-error.js';

const CODES: ReadonlySet<string | undefined> = new Set([
  'EACCES',
  'EINVAL',
  'ENOSYS',
  'ENOTSUP',
  'EOPNOTSUPP',
  'EPERM',
]);

/**
 * Whether a file system may lack a call, or does not keep what was asked of it, such as a mode, a
 * link or a sync. FUSE, network drives and FAT each answer with another of these codes.
 */
export function isUnsupported(error: unknown): boolean {
  return CODES.has(systemCode(error));
}
