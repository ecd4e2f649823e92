import { expect, test } from 'vitest';
import { sortInTurns } from '../../../src/pages/listing/sort-in-turns.js';

test('a long list is sorted as at once, equal ones in the order that they had', async () => {
  const items = Array.from({ length: 10_000 }, (_, index) => ({
    key: (index * 7919) % 100,
    index,
  }));
  const compare = (a: { key: number }, b: { key: number }): number => a.key - b.key;
  expect(await sortInTurns(items, compare)).toEqual(items.toSorted(compare));
});

test('other work runs while a long list is sorted', async () => {
  let turns = 0;
  let isOver = false;
  const count = (): void => {
    turns++;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  await sortInTurns(
    Array.from({ length: 20_000 }, (_, index) => -index),
    (a, b) => a - b,
  );
  isOver = true;
  expect(turns).toBeGreaterThan(20);
});
