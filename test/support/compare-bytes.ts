import { expect } from 'vitest';

// `toEqual` compares element by element, which takes three seconds for each megabyte.
expect.addEqualityTesters([
  (one: unknown, other: unknown): boolean | undefined =>
    one instanceof Uint8Array && other instanceof Uint8Array
      ? Buffer.compare(one, other) === 0
      : undefined,
]);
