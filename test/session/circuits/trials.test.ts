import { beforeEach, describe, expect, test } from 'vitest';
import type { Measured } from '../../../src/session/circuits/growth.js';
import { CIRCUITS_NEAR_MAX, CIRCUITS_START, Trials } from '../../../src/session/circuits/trials.js';
import { type Carrying, carrying, measured } from './measured.js';

const START = 1_000_000;
const THIN_RATE = 768 * 1024;
/** So much is worth any number of circuits. */
const WORTHWHILE = Infinity;

let thin: Measured[];
let trials: Trials;

const given = (dialMs: number): Trials =>
  new Trials({ dialMs, onThin: (what) => void thin.push(what) });

beforeEach(() => {
  thin = [];
  trials = given(0);
});

/** So many that have opened their windows, and carry this together. */
const circuits = (count: number, rate: number, ageMs = 1_500): Carrying[] =>
  carrying([rate, ...Array<number>(count - 1).fill(0)], ageMs);

/** How many are wanted so many milliseconds after the start. */
function wantedAt(ms: number, live: readonly Carrying[], missing: number | null = null): number {
  const { sample, rates } = measured(START + ms, live, missing);
  return trials.wanted(sample, rates, WORTHWHILE);
}

describe('circuits are thin', () => {
  const few = circuits(3, 3 * THIN_RATE - 1);
  const much = (3 * THIN_RATE - 1) * 5;

  test('if they carry too little each once they are open, and there is enough to come', () => {
    wantedAt(0, few, much);
    expect(thin).toEqual([{ circuits: CIRCUITS_START, rate: 3 * THIN_RATE - 1 }]);
  });

  test.each([
    ['they carry enough', circuits(3, 3 * THIN_RATE), 3 * THIN_RATE * 5],
    ['they are still opening', circuits(3, 3 * THIN_RATE - 1, 1_499), much],
    ['there are hardly any', circuits(2, 2 * THIN_RATE - 1), much],
    ['it is nearly done', few, much - 1],
    ['nobody knows how much there is', few, null],
    ['nothing comes at all', circuits(3, 0), much],
  ])('but not if %s', (_, live, missing) => {
    wantedAt(0, live, missing);
    expect(thin).toEqual([]);
  });

  test('and were so many before what was being tried', () => {
    wantedAt(0, circuits(8, 8 * THIN_RATE), 1e12);
    wantedAt(1_000, circuits(8, 8 * THIN_RATE), 1e12);
    wantedAt(1_250, circuits(16, 8 * THIN_RATE), 1e12);
    expect(thin).toEqual([{ circuits: 8, rate: 8 * THIN_RATE }]);
  });
});

describe('more are tried', () => {
  test('as soon as the first have carried for a second', () => {
    expect(wantedAt(0, circuits(8, 1_000))).toBe(8);
    expect(wantedAt(999, circuits(8, 1_000))).toBe(8);
    expect(wantedAt(1_000, circuits(8, 1_000))).toBe(16);
  });

  test('unless it is done within five seconds', () => {
    const rate = 8 * THIN_RATE;
    wantedAt(0, circuits(8, rate), 1e12);
    expect(wantedAt(1_000, circuits(8, rate), rate * 5 - 1)).toBe(8);
    expect(wantedAt(1_250, circuits(8, rate), rate * 5)).toBe(16);
  });
});

describe('more that were tried', () => {
  /** After eight have carried a thousand bytes a second, sixteen are there since `dialMs` later. */
  function tried(dialMs = 0): number {
    wantedAt(0, circuits(8, 1_000));
    wantedAt(1_000, circuits(8, 1_000));
    wantedAt(1_000 + dialMs / 2, circuits(8, 1_000));
    const since = 1_000 + dialMs;
    wantedAt(since, circuits(16, 1_000));
    return since;
  }

  test('stay if they carry a tenth more', () => {
    const since = tried();
    expect(wantedAt(since + 1_000, circuits(16, 1_100))).toBe(CIRCUITS_NEAR_MAX);
    expect(wantedAt(since + 60_000, circuits(16, 1_100))).toBe(CIRCUITS_NEAR_MAX);
  });

  test('are given back for good if they do not', () => {
    const since = tried();
    expect(wantedAt(since + 999, circuits(16, 1_099))).toBe(CIRCUITS_NEAR_MAX);
    expect(wantedAt(since + 1_000, circuits(16, 1_099))).toBe(8);
    wantedAt(since + 2_000, circuits(8, 5_000));
    expect(wantedAt(since + 9_000, circuits(8, 5_000))).toBe(8);
  });

  test('have as long to open their windows as they took to dial, up to three seconds', () => {
    const since = tried(2_500);
    expect(wantedAt(since + 2_499, circuits(16, 1_000))).toBe(CIRCUITS_NEAR_MAX);
    expect(wantedAt(since + 2_500, circuits(16, 1_000))).toBe(8);
    trials = given(0);
    const late = tried(5_000);
    expect(wantedAt(late + 2_999, circuits(16, 1_000))).toBe(CIRCUITS_NEAR_MAX);
    expect(wantedAt(late + 3_000, circuits(16, 1_000))).toBe(8);
  });

  test('have as long as the last ones took, which may be less than the first', () => {
    trials = given(3_000);
    const since = tried(1_500);
    expect(wantedAt(since + 1_499, circuits(16, 1_000))).toBe(CIRCUITS_NEAR_MAX);
    expect(wantedAt(since + 1_500, circuits(16, 1_000))).toBe(8);
  });

  test('are waited for a quarter of a minute; those that came by then are judged', () => {
    const asked = 1_000;
    wantedAt(0, circuits(8, 1_000));
    wantedAt(asked, circuits(8, 1_000));
    expect(wantedAt(asked + 14_999, circuits(12, 1_000))).toBe(CIRCUITS_NEAR_MAX);
    expect(wantedAt(asked + 15_000, circuits(12, 1_000))).toBe(12);
    wantedAt(asked + 15_250, circuits(12, 1_000));
    // It took them as long as that to come.
    expect(wantedAt(asked + 18_249, circuits(12, 1_000))).toBe(12);
    expect(wantedAt(asked + 18_250, circuits(12, 1_000))).toBe(8);
  });
});
