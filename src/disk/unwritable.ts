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

/** Whether a write failed because the disk, or this user's share of it, is full. */
function isDiskFull(cause: unknown): boolean {
  const code = systemCode(cause);
  return code === 'ENOSPC' || code === 'EDQUOT';
}

/**
 * What a failed write means to the person whose disk it is.
 *
 * @returns ERR_DISK_FULL, ERR_DESTINATION, or `cause` itself if it is one of ours
 */
export function unwritable(path: string, cause: unknown): OnionferryError {
  if (cause instanceof OnionferryError) return cause;
  const code = isDiskFull(cause) ? 'ERR_DISK_FULL' : 'ERR_DESTINATION';
  return new OnionferryError(code, `cannot write ${path}: ${whyNot(cause)}`, { cause });
}

/**
 * A failure in the data directory: on either side of a transfer, it says whose disk it is.
 *
 * @returns ERR_DATA_DIRECTORY, or `cause` itself if it is one of ours
 */
export function unwritableData(path: string, cause: unknown): OnionferryError {
  if (cause instanceof OnionferryError) return cause;
  const todo = isDiskFull(cause) ? 'free some space there, or ' : '';
  return new OnionferryError(
    'ERR_DATA_DIRECTORY',
    `cannot use ${path} in this machine’s data directory: ${whyNot(cause)}; ${todo}name another one with --data-dir`,
    { cause },
  );
}

function whyNot(cause: unknown): string {
  if (isDiskFull(cause)) return 'the disk is full';
  const code = systemCode(cause);
  return REASONS[code ?? ''] ?? `the system says ${code ?? String(cause)}`;
}
