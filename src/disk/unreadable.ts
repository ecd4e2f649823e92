import { OnionferryError } from '../base/errors.js';
import { systemCode } from '../base/system-error.js';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  EACCES: 'cannot be read: permission denied',
  EPERM: 'cannot be read: permission denied',
};

/** What a failed read means to the person who sends. */
export function unreadable(what: string, cause: unknown): OnionferryError {
  const code = systemCode(cause);
  const reason = REASONS[code ?? ''] ?? `cannot be read (${code ?? String(cause)})`;
  return new OnionferryError('ERR_SOURCE', `${what} ${reason}`, { cause });
}
