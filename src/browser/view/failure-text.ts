import { hasCode, OnionferryError } from '../../base/errors.js';
import { HAS_GROWN } from '../receiving/limits.js';
import { pageWords } from './page-words.js';

/** What a person reads of an error. */
export function failureText(error: unknown): string {
  const { failures } = pageWords().relay;
  // Worded for the page already, with what to do instead.
  if (hasCode(error, 'ERR_TOO_LARGE')) {
    return error.message === HAS_GROWN ? failures.tooLarge : error.message;
  }
  if (!(error instanceof OnionferryError)) return failures.defect;
  const known: Partial<Record<string, string>> = failures.byCode;
  return known[error.code] ?? sentence(error.message);
}

/** Errors are worded for terminals: no capital, no full stop. */
function sentence(message: string): string {
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
}
