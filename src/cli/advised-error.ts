import { type ErrorCode, OnionferryError } from '../base/errors.js';

/** An error that brings its own hints instead of those that belong to its code. */
export class AdvisedError extends OnionferryError {
  readonly hints: readonly string[];

  constructor(code: ErrorCode, message: string, hints: readonly string[]) {
    super(code, message);
    this.hints = hints;
  }
}
