import { expect, test } from 'vitest';
import { SpentNumbers, UsedNumbers } from '../../../src/relay/channel/numbers.js';

test('numbers that come in order are spent, and no others', () => {
  const spent = new SpentNumbers();
  for (const number of [1, 2, 3]) spent.add(number);
  expect([1, 2, 3, 4].map((number) => spent.has(number))).toEqual([true, true, true, false]);
});

test('of many with gaps between them the oldest gaps count as spent', () => {
  const spent = new SpentNumbers();
  const add = (from: number, to: number): void => {
    for (let number = from; number <= to; number += 2) spent.add(number);
  };
  add(2, 256);
  expect(spent.has(1)).toBe(false);
  add(258, 260);
  expect([1, 3, 5].map((number) => spent.has(number))).toEqual([true, true, false]);
  for (let number = 2; number <= 260; number += 2) expect(spent.has(number)).toBe(true);
});

test('a number of a range is used once, and none beyond it', () => {
  const used = new UsedNumbers(16);
  for (const number of [0, 7, 8, 15]) {
    expect(used.has(number)).toBe(false);
    expect(used.use(number)).toBe(true);
    expect(used.use(number)).toBe(false);
  }
  const all = Array.from({ length: 17 }, (_, number) => number);
  expect(all.filter((number) => used.has(number))).toEqual([0, 7, 8, 15]);
  expect(used.use(16)).toBe(false);
});
