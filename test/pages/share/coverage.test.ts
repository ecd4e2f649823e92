import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Coverage } from '../../../src/pages/share/coverage.js';

test('a representation counts as downloaded as often as its least delivered byte', () => {
  const size = 20;
  const range = fc.tuple(fc.nat({ max: size - 1 }), fc.integer({ min: 1, max: size }));
  fc.assert(
    fc.property(fc.array(range, { maxLength: 60 }), (ranges) => {
      const coverage = new Coverage(size);
      const times = new Array<number>(size).fill(0);
      let told = 0;
      for (const [start, length] of ranges) {
        const end = Math.min(size, start + length);
        for (let at = start; at < end; at++) times[at] = (times[at] ?? 0) + 1;
        told += coverage.add({ start, end });
        expect(told).toBe(Math.min(...times));
      }
    }),
  );
});

test('requests for every second byte do not fill memory', () => {
  const coverage = new Coverage(1_000_000);
  for (let at = 0; at < 10_000; at += 2) coverage.add({ start: at, end: at + 1 });
  expect(coverage.add({ start: 0, end: 1_000_000 })).toBe(1);
});

test('a representation without bytes counts each time it is delivered', () => {
  const coverage = new Coverage(0);
  expect(coverage.wholesWith([{ start: 0, end: 0 }])).toBe(1);
  expect(coverage.add({ start: 0, end: 0 })).toBe(1);
  expect(coverage.add({ start: 0, end: 0 })).toBe(1);
});

test('what parts would complete is known without adding them', () => {
  const coverage = new Coverage(10);
  coverage.add({ start: 0, end: 5 });
  const rest = { start: 5, end: 10 };
  expect(coverage.wholesWith([rest, { start: 0, end: 10 }])).toBe(2);
  expect(coverage.wholesWith([])).toBe(0);
  expect(coverage.add(rest)).toBe(1);
});
