import { OnionferryError } from '../base/errors.js';
import { systemCode } from '../base/system-error.js';

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOENT: 'there is no such folder',
  ENOTDIR: 'there is no such folder',
  EEXIST: 'it is not a folder',
};

/**
 * What a failed write means to the person whose disk it is.
 *
 * @returns ERR_DISK_FULL, ERR_DESTINATION, or `cause` itself if it is one of ours
 */
export function unwritable(path: string, cause: unknown): OnionferryError {
  if (cause instanceof OnionferryError) return cause;
  const code = systemCode(cause);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new OnionferryError('ERR_DISK_FULL', `cannot write ${path}: the disk is full`, {
      cause,
    });
  }
  const reason = REASONS[code ?? ''] ?? `the system says ${code ?? String(cause)}`;
  return new OnionferryError('ERR_DESTINATION', `cannot write ${path}: ${reason}`, { cause });
}
