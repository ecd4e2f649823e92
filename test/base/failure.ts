import { OnionferryError } from '../../src/base/errors.js';

/** What `work` throws, which must be one of our own errors. */
export function failureOf(work: () => unknown): OnionferryError {
  try {
    work();
  } catch (error) {
    if (error instanceof OnionferryError) return error;
    throw new Error('threw something else than an OnionferryError', { cause: error });
  }
  throw new Error('did not throw');
}
