import type { ErrorKind } from '../base/errors.js';

/** What the program ends with, so that scripts can tell why. */
export const EXIT_STATUS: Readonly<Record<ErrorKind, number>> = {
  failed: 1,
  usage: 2,
  password: 3,
  tor: 4,
  peer: 5,
  interrupted: 130,
};
