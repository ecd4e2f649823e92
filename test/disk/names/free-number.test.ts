import fc from 'fast-check';
import { expect, test } from 'vitest';
import { freeNumber } from '../../../src/disk/names/free-number.js';

test('among ten thousand taken numbers the next one is found in a few dozen looks', async () => {
  let looks = 0;
  const found = await freeNumber((n) => {
    looks++;
    return Promise.resolve(n <= 10_000);
  });
  expect(found).toBe(10_001);
  expect(looks).toBeLessThan(40);
});

test('whatever numbers are taken, it is a free one behind a taken one', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(fc.integer({ min: 1, max: 60 })), async (numbers) => {
      const taken = new Set(numbers);
      const found = await freeNumber((n) => Promise.resolve(taken.has(n)));
      expect(taken.has(found)).toBe(false);
      expect(found === 1 || taken.has(found - 1)).toBe(true);
    }),
  );
});
