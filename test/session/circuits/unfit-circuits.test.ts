import { describe, expect, test } from 'vitest';
import { SETTLE_MS, UnfitCircuits } from '../../../src/session/circuits/unfit-circuits.js';
import { type Carrying, carrying, measured } from './measured.js';

const START = 1_000_000;
const PLENTY = Number.MAX_SAFE_INTEGER;

interface Seen {
  readonly now?: number;
  readonly missing?: number | null;
  readonly wanted?: number;
  readonly dialMs?: number;
}

function named(
  unfit: UnfitCircuits,
  circuits: readonly Carrying[],
  { now = START, missing = PLENTY, wanted = circuits.length, dialMs = 0 }: Seen = {},
): number[] {
  const { sample, rates } = measured(now, circuits, missing);
  return unfit.name(sample, rates, { wanted, dialMs });
}

/** Circuits that have had their time. */
const settled = (rates: readonly number[], first = 1): Carrying[] =>
  carrying(rates, SETTLE_MS, first);

describe('a circuit is replaced', () => {
  test('when it has had its time, and carries less than half of the mean of those', () => {
    const good = settled([100, 100, 100], 2);
    const [lame, half, young] = [...settled([10]), ...settled([50, 0], 5)];
    expect(named(new UnfitCircuits(), [...good, ...(lame ? [lame] : [])])).toEqual([1]);
    expect(named(new UnfitCircuits(), [...good, ...(half ? [half] : [])])).toEqual([]);
    const opening = { ...young, number: 9, rate: 0, ageMs: SETTLE_MS - 1 };
    expect(named(new UnfitCircuits(), [...good, opening])).toEqual([]);
  });

  test('if there are enough for a mean', () => {
    expect(named(new UnfitCircuits(), settled([10, 100]))).toEqual([]);
    expect(named(new UnfitCircuits(), settled([10, 100, 100]))).toEqual([1]);
  });

  test('if another would come early enough to carry something', () => {
    const late = { missing: 210 * 6, dialMs: 1000 };
    expect(named(new UnfitCircuits(), settled([10, 100, 100]), late)).toEqual([1]);
    const tooLate = { ...late, missing: 210 * 6 - 1 };
    expect(named(new UnfitCircuits(), settled([10, 100, 100]), tooLate)).toEqual([]);
  });

  test('with others up to a quarter of all, those that are being dialled included', () => {
    const three = settled([1, 2, 3, ...Array<number>(5).fill(100)]);
    expect(named(new UnfitCircuits(), three)).toEqual([1, 2]);
    expect(named(new UnfitCircuits(), three, { wanted: 9 })).toEqual([1]);
    expect(named(new UnfitCircuits(), three, { wanted: 10 })).toEqual([]);
    expect(named(new UnfitCircuits(), three, { wanted: 5 })).toEqual([1, 2]);
  });

  test("only if it is lame, once a meeting's numbers run short", () => {
    const withNewest = (newest: number, rate: number): Carrying[] => [
      ...settled([rate, 100, 100]),
      ...settled([100], newest),
    ];
    expect(named(new UnfitCircuits(), withNewest(1023, 30))).toEqual([1]);
    expect(named(new UnfitCircuits(), withNewest(1024, 30))).toEqual([]);
    expect(named(new UnfitCircuits(), withNewest(1024, 5))).toEqual([1]);
    // Those that replace the first stream have numbers of their own.
    expect(named(new UnfitCircuits(), withNewest(2049, 30))).toEqual([1]);
  });
});

describe('between two replacements', () => {
  /** Eight, of which the first ones carry this. */
  const eight = (...rates: number[]): Carrying[] =>
    settled([...rates, ...Array<number>(8 - rates.length).fill(100)]);
  /** All but those, and these that came instead. */
  const instead = (all: Carrying[], came: Carrying[], ...gone: number[]): Carrying[] => [
    ...all.filter(({ number }) => !gone.includes(number)),
    ...came,
  ];

  test('there is a second', () => {
    const unfit = new UnfitCircuits();
    expect(named(unfit, eight(100))).toEqual([]);
    // Where nobody went, nobody waits.
    expect(named(unfit, eight(1), { now: START + 250 })).toEqual([1]);
    expect(named(unfit, eight(1), { now: START + 1249 })).toEqual([]);
    expect(named(unfit, eight(1), { now: START + 1250 })).toEqual([1]);
  });

  test('there is a twentieth of the time that has passed', () => {
    const unfit = new UnfitCircuits();
    named(unfit, eight(100));
    const now = START + 100_000;
    expect(named(unfit, eight(1), { now })).toEqual([1]);
    expect(named(unfit, eight(1), { now: now + 4_999 })).toEqual([]);
    expect(named(unfit, eight(1), { now: now + 5_000 })).toEqual([1]);
  });

  test('there is twice as much each time that most of those that came are unfit as well', () => {
    const unfit = new UnfitCircuits();
    const at = (ms: number, circuits: readonly Carrying[]): number[] =>
      named(unfit, circuits, { now: START + ms });
    expect(at(0, eight(1))).toEqual([1]);
    const second = instead(eight(1), settled([1], 9), 1);
    // Judged once, however often it is seen.
    expect(at(250, second)).toEqual([]);
    expect(at(500, second)).toEqual([]);
    expect(at(1_000, second)).toEqual([9]);
    const third = instead(eight(1), settled([1], 10), 1);
    expect(at(2_999, third)).toEqual([]);
    expect(at(3_000, third)).toEqual([10]);
    // One that is fit, and there is a second between them as in the beginning.
    const fourth = instead(eight(1, 1), settled([100], 11), 1);
    expect(at(6_999, fourth)).toEqual([]);
    expect(at(7_000, fourth)).toEqual([2]);
    expect(at(7_999, fourth)).toEqual([]);
    expect(at(8_000, fourth)).toEqual([2]);
  });

  test('there is a quarter of a minute at most while all that come are unfit', () => {
    const unfit = new UnfitCircuits();
    const all = [2, 3, 4, 5, 6, 7, 8].map((number) => ({ number, ageMs: SETTLE_MS, rate: 100 }));
    const times: number[] = [];
    let number = 9;
    for (let now = START; now < START + 100_000; now += 250) {
      const gone = named(unfit, [...all, { number, ageMs: SETTLE_MS, rate: 1 }], { now });
      if (gone.length === 0) continue;
      times.push(now - START);
      number++;
    }
    const pauses = times.slice(1).map((time, i) => time - (times[i] ?? 0));
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000, 15_000, 15_000]);
  });

  test('there is no more where half of those that came are fit', () => {
    const unfit = new UnfitCircuits();
    const at = (ms: number, circuits: readonly Carrying[]): number[] =>
      named(unfit, circuits, { now: START + ms });
    expect(at(0, eight(1, 1))).toEqual([1, 2]);
    const came = instead(eight(1, 1), settled([1, 100], 9), 1, 2);
    expect(at(1_000, came)).toEqual([9]);
    expect(at(2_000, came)).toEqual([9]);
  });

  test('there is no more for what was unfit before, or was dialled before', () => {
    const unfit = new UnfitCircuits();
    const first = settled([1, 1, 1, 1, 1, 100, 100]);
    const opening = { number: 8, ageMs: 0, rate: 0 };
    expect(named(unfit, [...first, opening])).toEqual([1, 2]);
    const later = [...first, { ...opening, ageMs: SETTLE_MS, rate: 1 }];
    expect(named(unfit, later, { now: START + 1_000 })).toEqual([1, 2]);
    expect(named(unfit, later, { now: START + 2_000 })).toEqual([1, 2]);
  });
});
