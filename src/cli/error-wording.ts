import { type ErrorCode, type ErrorKind, OnionferryError } from '../base/errors.js';
import type { Line } from './output/terminal.js';
import { sentence } from './wording.js';

/* What the terminal says of an error: one sentence, and hints on lines of their own. */

/** An error with hints of its own instead of those of its code. */
export class AdvisedError extends OnionferryError {
  readonly hints: readonly string[];

  constructor(code: ErrorCode, message: string, hints: readonly string[]) {
    super(code, message);
    this.hints = hints;
  }
}

export function errorLines(error: OnionferryError): Line[] {
  // No errors: it was asked to end.
  if (error.code === 'ERR_INTERRUPTED') return [{ text: 'interrupted' }];
  if (error.code === 'ERR_SUSPENDED') return [{ text: error.message }];
  return [
    { text: `onionferry: error: ${sentence(error.message)}`, tone: 'bad' },
    ...hintsOf(error).map((hint): Line => ({ text: `onionferry: hint: ${hint}` })),
  ];
}

/** What may help. */
export function hintsOf(error: OnionferryError): readonly string[] {
  if (error instanceof AdvisedError) return error.hints;
  return HINTS[error.code] ?? HINTS_BY_KIND[error.kind] ?? [];
}

const STILL_WAITING = 'check that the sender is still waiting; its address ends when it does';

const HINTS: Partial<Record<ErrorCode, readonly string[]>> = {
  ERR_PASSWORD_WEAK: ['to take it all the same, add --weak-password'],
  ERR_PASSWORD: ['the sender is still waiting'],
  ERR_KEY_MISSING: [
    'to create one, run onionferry key new; send, relay and others do so themselves',
  ],
  ERR_ONION_CLIENT_AUTH: [
    'an invitation that was made with --private holds the key; one in a file is named with --client-key',
  ],
  ERR_ONION_NOT_FOUND: [STILL_WAITING],
  ERR_ONION_UNREACHABLE: [STILL_WAITING],
  ERR_INTERNAL: ['this is a bug in onionferry; --verbose shows where it happened'],
};

const HINTS_BY_KIND: Partial<Record<ErrorKind, readonly string[]>> = {
  usage: ['for usage, add --help'],
  tor: ['to find out what is wrong, run onionferry tor doctor'],
};
