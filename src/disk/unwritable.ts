import { OnionferryError } from '../base/errors.js';

/** What a failed write means to the person whose disk it is. */
export function unwritable(path: string, cause: unknown): OnionferryError {
  if (cause instanceof OnionferryError) return cause;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  const why =
    code === 'ENOSPC' || code === 'EDQUOT'
      ? 'the disk is full'
      : code === 'EACCES' || code === 'EPERM'
        ? 'permission denied'
        : code === 'EROFS'
          ? 'the file system is read-only'
          : code === 'ENOENT' || code === 'ENOTDIR'
            ? 'there is no such folder'
            : code === 'EEXIST'
              ? 'it is no folder'
              : `the system says ${String(code ?? cause)}`;
  return new OnionferryError('ERR_DESTINATION', `cannot write ${path}: ${why}`, { cause });
}

/** Whether the disk had no room left. */
export function isDiskFull(error: unknown): boolean {
  if (!(error instanceof OnionferryError)) return false;
  const { cause } = error;
  return cause instanceof Error && 'code' in cause && /^(ENOSPC|EDQUOT)$/.test(String(cause.code));
}
