import { isDeepStrictEqual } from 'node:util';
import { type ErrorCode, hasCode, OnionferryError } from '../../src/base/errors.js';

/** A value, or the refusal to give one. */
export type Outcome<Value> = { readonly value: Value } | { readonly refused: true };

/**
 * What a parser made of its input.
 *
 * @param codes of errors that are its answer to what it does not understand; if there are none, those
 *   of all errors of ours but ERR_INTERNAL
 * @throws what the parser throws besides
 */
export async function outcomeOf<Value>(
  parse: () => Value | Promise<Value>,
  ...codes: readonly ErrorCode[]
): Promise<Outcome<Value>> {
  try {
    return { value: await parse() };
  } catch (error) {
    const isOurs = error instanceof OnionferryError && error.code !== 'ERR_INTERNAL';
    if (codes.length > 0 ? hasCode(error, ...codes) : isOurs) return { refused: true };
    throw error;
  }
}

/** @throws Error with both if they differ */
export function expectSame(actual: unknown, expected: unknown, what: string): void {
  if (!isDeepStrictEqual(actual, expected)) {
    throw new Error(`${what}: ${JSON.stringify(actual)} is not ${JSON.stringify(expected)}`);
  }
}

export function expectThat(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(`not so: ${what}`);
}
