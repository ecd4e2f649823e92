import { OnionferryError } from '../../base/errors.js';
import { wording } from '../../pages/wording.js';
import { TooLarge } from '../stream/abort-reason.js';

/** An error in words for the user. */
export function failureText(error: unknown): string {
  const { failures } = wording.relay;
  // Already worded for the page, with advice.
  if (error instanceof TooLarge) return error.message;
  if (!(error instanceof OnionferryError)) return failures.defect;
  const known: Partial<Record<string, string>> = failures.byCode;
  return known[error.code] ?? sentence(error.message);
}

/** Error messages are worded for terminals: lower case, no full stop. */
function sentence(message: string): string {
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
}
