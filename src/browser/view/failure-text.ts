import { OnionferryError } from '../../base/errors.js';
import { wording } from '../../pages/wording.js';
import { TooLarge } from '../stream/abort-reason.js';

/** What a person reads of an error. */
export function failureText(error: unknown): string {
  const { failures } = wording.relay;
  // Worded for the page already, with what to do instead.
  if (error instanceof TooLarge) return error.message;
  if (!(error instanceof OnionferryError)) return failures.defect;
  const known: Partial<Record<string, string>> = failures.byCode;
  return known[error.code] ?? sentence(error.message);
}

/** Errors are worded for terminals: no capital, no full stop. */
function sentence(message: string): string {
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
}
