import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeRanges,
  encodeRanges,
  RANGE_BYTES,
  type Range,
  Ranges,
} from '../../src/stream/ranges.js';

const SPACE = 64;
const range = fc
  .tuple(fc.nat({ max: SPACE }), fc.nat({ max: SPACE }))
  .map(([a, b]): Range => [Math.min(a, b), Math.max(a, b)]);

/** The same, byte by byte. */
function bytesOf(ranges: Ranges): boolean[] {
  const bytes = new Array<boolean>(SPACE).fill(false);
  for (const [start, end] of ranges) bytes.fill(true, start, end);
  return bytes;
}

describe('Ranges', () => {
  test('is the set of bytes that were added and not removed, whatever the order', () => {
    const step = fc.record({ add: fc.boolean(), range });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), range, (steps, [from, to]) => {
        const ranges = new Ranges();
        const model = new Array<boolean>(SPACE).fill(false);
        for (const { add, range } of steps) {
          if (add) ranges.add(...range);
          else ranges.remove(...range);
          model.fill(add, ...range);
        }
        expect(bytesOf(ranges)).toEqual(model);
        expect(ranges.bytes).toBe(model.filter(Boolean).length);
        expect(ranges.has(from, to)).toBe(model.slice(from, to).every(Boolean));
        expect(ranges.first()).toEqual([...ranges][0]);
        const missing = new Ranges(ranges.missingWithin(0, to));
        expect(bytesOf(missing)).toEqual(model.map((there, i) => !there && i < to));
      }),
    );
  });

  test('keeps its ranges ascending, and no two that touch', () => {
    fc.assert(
      fc.property(fc.array(range), fc.array(range), (added, removed) => {
        const ranges = new Ranges(added);
        for (const [start, end] of removed) ranges.remove(start, end);
        let behind = -1;
        for (const [start, end] of ranges) {
          expect(start).toBeGreaterThan(behind);
          expect(end).toBeGreaterThan(start);
          behind = end;
        }
      }),
    );
  });

  test('joins ranges that touch into one', () => {
    expect([
      ...new Ranges([
        [0, 5],
        [10, 15],
        [5, 10],
      ]),
    ]).toEqual([[0, 15]]);
  });

  test('leaves both sides of what is removed from the middle', () => {
    const ranges = new Ranges([[0, 10]]);
    ranges.remove(4, 6);
    expect([...ranges]).toEqual([
      [0, 4],
      [6, 10],
    ]);
  });

  test('stays as it is where nothing of it is removed', () => {
    const ranges = new Ranges([
      [0, 10],
      [20, 30],
    ]);
    for (const [start, end] of [
      [5, 5],
      [10, 12],
      [11, 12],
      [15, 20],
      [30, 40],
      [8, 5],
    ] as const) {
      ranges.remove(start, end);
      expect([...ranges]).toEqual([
        [0, 10],
        [20, 30],
      ]);
    }
    expect(ranges.bytes).toBe(20);
  });

  test('lacks within a part of it what is in none of its ranges', () => {
    const ranges = new Ranges([
      [0, 3],
      [10, 12],
      [20, 30],
    ]);
    const missing = (start: number, end: number): Range[] => ranges.missingWithin(start, end);
    expect(missing(4, 8)).toEqual([[4, 8]]);
    expect(missing(3, 10)).toEqual([[3, 10]]);
    expect(missing(10, 15)).toEqual([[12, 15]]);
    expect(missing(11, 25)).toEqual([[12, 20]]);
    expect(missing(2, 11)).toEqual([[3, 10]]);
    expect(missing(22, 28)).toEqual([]);
    expect(missing(25, 40)).toEqual([[30, 40]]);
  });

  test('has nothing when it is empty, and every empty range', () => {
    const ranges = new Ranges();
    expect(ranges.first()).toBeUndefined();
    expect(ranges.bytes).toBe(0);
    expect(ranges.has(3, 3)).toBe(true);
    expect(ranges.has(3, 4)).toBe(false);
    expect(ranges.missingWithin(0, 0)).toEqual([]);
    expect(ranges.missingWithin(0, 7)).toEqual([[0, 7]]);
  });
});

describe('ranges on the wire', () => {
  test('come back as they were', () => {
    fc.assert(
      fc.property(fc.array(range), (list) => {
        const ranges = new Ranges(list);
        const bytes = encodeRanges(ranges, Number.POSITIVE_INFINITY);
        expect([...decodeRanges(bytes)]).toEqual([...ranges]);
      }),
    );
  });

  test('hold positions beyond 32 bits', () => {
    const ranges = new Ranges([[2 ** 40, Number.MAX_SAFE_INTEGER]]);
    expect([...decodeRanges(encodeRanges(ranges, 1))]).toEqual([...ranges]);
  });

  test('are the longest ones, in ascending order, when there are too many', () => {
    const ranges = new Ranges([
      [0, 9],
      [10, 11],
      [20, 50],
      [60, 62],
      [70, 75],
    ]);
    const bytes = encodeRanges(ranges, 3);
    expect(bytes).toHaveLength(3 * RANGE_BYTES);
    expect([...decodeRanges(bytes)]).toEqual([
      [0, 9],
      [20, 50],
      [70, 75],
    ]);
  });

  test('are read from the middle of a larger buffer', () => {
    const bytes = encodeRanges(new Ranges([[1, 2]]), 1);
    const larger = new Uint8Array(RANGE_BYTES + 7);
    larger.set(bytes, 5);
    expect([...decodeRanges(larger.subarray(5, 5 + RANGE_BYTES))]).toEqual([[1, 2]]);
  });

  test.each<[string, bigint[]]>([
    ['an empty range', [5n, 5n]],
    ['a range that ends before it starts', [6n, 5n]],
    ['ranges out of order', [10n, 20n, 0n, 5n]],
    ['ranges that overlap', [0n, 10n, 9n, 20n]],
    ['a position that is no exact number', [0n, 2n ** 53n]],
    ['half a range', [1n]],
  ])('refuses %s', (_name, numbers) => {
    const bytes = new Uint8Array(numbers.length * 8);
    numbers.forEach((number, i) => new DataView(bytes.buffer).setBigUint64(i * 8, number));
    expect(() => decodeRanges(bytes)).toThrow(expect.objectContaining({ code: 'ERR_PROTOCOL' }));
  });
});
