import { OnionferryError } from '../base/errors.js';

/*
 * What options and verbs are given is checked although it is typed: callers without TypeScript pass
 * anything.
 */

/** For wrong options and arguments. */
export function usageError(message: string, options?: { cause: unknown }): OnionferryError {
  return new OnionferryError('ERR_USAGE', message, options);
}

export function assertPatterns(patterns: readonly string[]): void {
  const given = patterns.map((pattern) => assertGiven(pattern, 'a pattern').trim());
  if (given.length === 0 || given.includes('')) throw usageError('a pattern must not be empty');
}

/** Names that a caller without TypeScript may have misspelt. */
export function assertKnown(given: object, known: readonly string[], where: string): void {
  const unknown = Object.keys(given).find((name) => !known.includes(name));
  if (unknown !== undefined) throw usageError(`${where} does not know "${unknown}"`);
}

/** The system would take an empty path for the current folder. */
export function assertGiven(path: unknown, what: string): string {
  if (typeof path !== 'string') throw usageError(`${what} must be a string`);
  if (path === '') throw usageError(`${what} must not be empty`);
  return path;
}

export function checkCount(count: number, what: string, max: number): number {
  if (Number.isInteger(count) && count >= 1 && count <= max) return count;
  throw usageError(`${what} must be a whole number from 1 to ${max}`);
}

/** @param methods that it must have, at least */
export function assertHas(given: unknown, methods: readonly string[], what: string): void {
  const has = (name: string): boolean =>
    typeof given === 'object' && given !== null && typeof Reflect.get(given, name) === 'function';
  if (!methods.every(has)) throw usageError(what);
}

export function assertFunctions(given: readonly unknown[], what: string): void {
  if (!given.every((one) => typeof one === 'function')) throw usageError(what);
}

export function isText(given: unknown, form: RegExp): given is string {
  return typeof given === 'string' && form.test(given);
}
