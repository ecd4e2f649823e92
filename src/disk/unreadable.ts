import { OnionferryError } from '../base/errors.js';

/** What a failed read means to the person who sends. */
export function unreadable(what: string, cause: unknown): OnionferryError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  const why =
    code === 'ENOENT'
      ? 'does not exist'
      : code === 'EACCES' || code === 'EPERM'
        ? 'cannot be read: permission denied'
        : `cannot be read (${String(code)})`;
  return new OnionferryError('ERR_SOURCE', `${what} ${why}`, { cause });
}
