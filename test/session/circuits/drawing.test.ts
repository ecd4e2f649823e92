import { expect, test } from 'vitest';
import { CIRCUITS_DRAWN, Drawing } from '../../../src/session/circuits/drawing.js';
import type { Measured } from '../../../src/session/circuits/growth.js';
import { SETTLE_MS } from '../../../src/session/circuits/unfit-circuits.js';
import { type Carrying, carrying, measured } from './measured.js';

/** When it starts: no moment of the program's clock is a special one. */
const START = 1_000_000;
const KEPT = 28;
const alike = (circuits: number, rate = 100): number[] => Array<number>(circuits).fill(rate);

function wanted(drawing: Drawing, now: number, circuits: readonly Carrying[]): number {
  const { sample, rates } = measured(now, circuits);
  return drawing.wanted(sample, rates);
}

test('all are asked for until half of them have shown what they carry', () => {
  const drawing = new Drawing();
  const half = CIRCUITS_DRAWN / 2;
  const young = carrying(alike(4), SETTLE_MS - 1, 100);
  expect(wanted(drawing, START, [...carrying(alike(half - 1), SETTLE_MS), ...young])).toBe(
    CIRCUITS_DRAWN,
  );
  expect(wanted(drawing, START, [...carrying(alike(half), SETTLE_MS), ...young])).toBe(KEPT);
  // The draw is over, whatever breaks later.
  expect(wanted(drawing, START + 1, carrying(alike(1), 0))).toBe(KEPT);
});

test('those that do not come are waited for as long as a draw may take, and no longer', () => {
  const drawing = new Drawing();
  const few = carrying(alike(5), 0);
  expect(wanted(drawing, START, few)).toBe(CIRCUITS_DRAWN);
  expect(wanted(drawing, START + 11_999, few)).toBe(CIRCUITS_DRAWN);
  expect(wanted(drawing, START + 12_000, few)).toBe(KEPT);
});

test('all that live are kept, and none is asked for beyond those that are drawn', () => {
  expect(wanted(new Drawing(), START, carrying(alike(30), SETTLE_MS))).toBe(30);
  expect(wanted(new Drawing(), START, carrying(alike(40), SETTLE_MS))).toBe(CIRCUITS_DRAWN);
});

test.each([
  ['a tenth more than the few: they are kept', 1600 / 1.1, alike(16), KEPT],
  ['hardly more than the few, and all alike: a line is full', 1500, alike(16), 8],
  ['just alike', 1500, [60, 60, ...alike(14)], 8],
  ['unlike: others may still be found', 1500, [59, 60, ...alike(14)], KEPT],
])('what was drawn carries %s', (_, rate, rates, expected) => {
  const before: Measured = { circuits: 8, rate };
  // One that opens its window still says nothing.
  const opening = carrying([1], SETTLE_MS - 1, 100);
  const drawn = [...carrying(rates, SETTLE_MS), ...opening];
  expect(wanted(new Drawing(before), START, drawn)).toBe(expected);
});

test('where none came in time there are as many as before', () => {
  const drawing = new Drawing({ circuits: 8, rate: 1500 });
  wanted(drawing, START, carrying([100, 10], 0));
  expect(wanted(drawing, START + 12_000, carrying([100, 10], 0))).toBe(8);
});
