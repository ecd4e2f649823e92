import { describe, expect, test } from 'vitest';
import {
  CircuitCount,
  type CircuitDecision,
  MUCH_BYTES,
  SLOW_DIAL_MS,
} from '../../../src/session/circuits/circuit-count.js';
import { CIRCUITS_DRAWN } from '../../../src/session/circuits/drawing.js';
import { CIRCUITS_NEAR_MAX, CIRCUITS_START } from '../../../src/session/circuits/trials.js';
import { SETTLE_MS } from '../../../src/session/circuits/unfit-circuits.js';

const MIB = 1024 * 1024;
const STEP_MS = 250;
/** From a decision to the streams that it asked for. */
const DIAL_MS = 500;

interface World {
  readonly fixed?: number;
  /** null: nobody knows. */
  readonly total: number | null;
  readonly seconds: number;
  readonly dialMs?: number;
  /** Of those that were dialled ahead. */
  readonly aheadMs?: number;
  /** How long the first one took. */
  readonly firstMs?: number;
  /** Bytes per second of one stream among this many. */
  readonly rateOf: (number: number, streams: number, second: number) => number;
}

interface Decided extends CircuitDecision {
  readonly second: number;
  readonly missing: number | null;
}

/** A transfer whose circuits come when they are asked for, and are replaced when they are named. */
function carried(world: World): Decided[] {
  const { fixed, total, seconds, rateOf, dialMs = DIAL_MS, aheadMs = dialMs, firstMs } = world;
  const count = new CircuitCount(fixed, firstMs);
  const decided: Decided[] = [];
  const dialled: number[] = [];
  let streams = [{ number: 0, since: 0, bytes: 0 }];
  let next = 1;
  let bytes = 0;
  for (let now = 0; now <= seconds * 1000; now += STEP_MS) {
    while ((dialled[0] ?? Infinity) <= now) {
      dialled.shift();
      streams.push({ number: next++, since: now, bytes: 0 });
    }
    const missing = total === null ? null : total - bytes;
    const sample = { now, bytes, missing, streams: streams.map((stream) => ({ ...stream })) };
    const decision = count.decide(sample);
    decided.push({ ...decision, second: now / 1000, missing });
    if (missing === 0) break;
    streams = streams.filter(({ number }) => !decision.dropped.includes(number));
    while (streams.length + dialled.length < decision.wanted) {
      const isAhead = streams.length + dialled.length < CIRCUITS_START;
      dialled.push(now + (isAhead ? aheadMs : dialMs));
    }
    for (const stream of streams) {
      const rate = rateOf(stream.number, streams.length, now / 1000);
      const come = Math.min((rate * STEP_MS) / 1000, total === null ? Infinity : total - bytes);
      stream.bytes += come;
      bytes += come;
    }
  }
  return decided;
}

const wantedAt = (decided: readonly Decided[], second: number): number =>
  decided.find((decision) => decision.second === second)?.wanted ?? Number.NaN;
const most = (decided: readonly Decided[]): number =>
  Math.max(...decided.map(({ wanted }) => wanted));
const named = (decided: readonly Decided[]): Decided[] =>
  decided.filter(({ dropped }) => dropped.length > 0);

const each = (rate: number) => () => rate;
const together = (rate: number) => (_: number, streams: number) => rate / streams;

describe('how many circuits carry a transfer that decides by itself', () => {
  test('starts with as many as were dialled ahead, as far as it pays', () => {
    const atStart = (total: number | null): number =>
      wantedAt(carried({ total, seconds: 0, rateOf: each(MIB) }), 0);
    expect(atStart(null)).toBe(CIRCUITS_START);
    expect(atStart(3 * MIB)).toBe(3);
    expect(atStart(1024 * MIB)).toBe(CIRCUITS_START);
  });

  test('grows while the whole becomes faster, up to the most and not beyond', () => {
    const large = carried({ total: 10_000 * MIB, seconds: 60, rateOf: each(2 * MIB) });
    expect(wantedAt(large, 10)).toBe(CIRCUITS_NEAR_MAX);
    expect(most(large)).toBe(CIRCUITS_NEAR_MAX);
  });

  test('grows as well where nobody knows how much there is', () => {
    const openEnded = carried({ total: null, seconds: 30, rateOf: each(MIB) });
    expect(most(openEnded)).toBe(CIRCUITS_NEAR_MAX);
  });

  test('grows beyond the first ones for content that is not large, if circuits are slow', () => {
    const slow = carried({ total: 15 * MIB, seconds: 60, rateOf: each(64 * 1024) });
    expect(most(slow)).toBeGreaterThan(CIRCUITS_START);
  });

  test.each([
    10_000 * MIB,
    null,
  ])('gives back those that only share what fewer carry: %j', (total) => {
    const decided = carried({ total, seconds: 60, rateOf: together(16 * MIB) });
    expect(most(decided)).toBe(2 * CIRCUITS_START);
    expect(wantedAt(decided, 60)).toBe(CIRCUITS_START);
    expect(named(decided)).toHaveLength(CIRCUITS_START);
    // Once is enough to know.
    expect(decided.filter(({ second, wanted }) => second > 10 && wanted > CIRCUITS_START)).toEqual(
      [],
    );
  });

  test('asks for all at once where there is much and circuits are slow to come', () => {
    const large = { total: 1024 * MIB, seconds: 60, rateOf: each(MIB) };
    const soon = { ...large, firstMs: 3_000 };
    expect(wantedAt(carried(soon), 0)).toBe(CIRCUITS_DRAWN);
    // Where the machine alone is slow, the way is not long.
    expect(wantedAt(carried({ ...large, dialMs: 3_000 }), 2)).toBe(CIRCUITS_START);
    for (const other of [large, { ...soon, total: 15 * MIB }, { ...soon, total: null }]) {
      expect(wantedAt(carried(other), 0)).toBe(CIRCUITS_START);
    }
    expect(most(carried({ ...soon, fixed: 8 }))).toBe(8);
    const just = { ...large, total: MUCH_BYTES, firstMs: SLOW_DIAL_MS };
    // As many as are worth it.
    expect(wantedAt(carried(just), 0)).toBe(16);
  });

  test('waits for all that it asked for at once no longer than a draw may take', () => {
    const soon = { total: 1024 * MIB, seconds: 20, firstMs: 3_000, dialMs: 60_000 };
    const decided = carried({ ...soon, rateOf: each(MIB) });
    expect(wantedAt(decided, 11)).toBe(CIRCUITS_DRAWN);
    expect(wantedAt(decided, 13)).toBeLessThan(CIRCUITS_DRAWN);
  });

  test('asks for all at once as soon as the first turn out to be thin', () => {
    const decided = carried({ total: 100 * MIB, seconds: 60, rateOf: each(MIB / 8) });
    expect(wantedAt(decided, 3)).toBe(CIRCUITS_DRAWN);
    // They carry, so they are kept.
    expect(wantedAt(decided, 15)).toBe(CIRCUITS_DRAWN);
    expect(named(decided)).toEqual([]);
  });

  test('gives back what was drawn if a few had filled the line that all share', () => {
    const decided = carried({ total: 1024 * MIB, seconds: 60, rateOf: together(2 * MIB) });
    expect(most(decided)).toBe(CIRCUITS_DRAWN);
    expect(wantedAt(decided, 30)).toBe(CIRCUITS_START);
  });

  test('does not wait without limit for circuits that never come', () => {
    const count = new CircuitCount();
    const streams = (live: number): { number: number; since: number; bytes: number }[] =>
      Array.from({ length: live }, (_, number) => ({ number, since: 0, bytes: 0 }));
    let wanted = 0;
    for (let now = 0; now <= 30_000; now += STEP_MS) {
      const sample = { now, bytes: now * 10_000, missing: 1024 * MIB, streams: streams(8) };
      ({ wanted } = count.decide(sample));
    }
    expect(wanted).toBe(8);
  });

  test('waits longer for what circuits carry that took long to dial', () => {
    // Those that came after three seconds carry what they can two seconds later.
    const opening = (number: number, _: number, second: number): number =>
      number > 0 && second < 5 ? 1024 : MIB;
    const world = { total: null, seconds: 60, rateOf: opening };
    expect(most(carried({ ...world, dialMs: 3_000 }))).toBe(CIRCUITS_NEAR_MAX);
  });

  test('asks for no more while the sender has nothing to send', () => {
    const idle = carried({ total: null, seconds: 60, rateOf: each(0) });
    expect(most(idle)).toBe(CIRCUITS_START);
    const lateRate = (_: number, __: number, second: number): number => (second < 30 ? 0 : MIB);
    const late = carried({ total: null, seconds: 60, rateOf: lateRate });
    expect(most(late)).toBe(CIRCUITS_NEAR_MAX);
  });

  test('asks for none near the end, when they would come too late', () => {
    const decided = carried({ total: 40 * MIB, seconds: 60, rateOf: each(2 * MIB) });
    expect(decided.at(-1)?.missing).toBe(0);
    expect(most(decided)).toBe(8);
  });

  test('wants one for what is small, and never none', () => {
    expect(wantedAt(carried({ total: MIB, seconds: 0, rateOf: each(MIB) }), 0)).toBe(1);
    expect(wantedAt(carried({ total: 0, seconds: 0, rateOf: each(MIB) }), 0)).toBe(1);
    expect(wantedAt(carried({ total: 2 * MIB + 1, seconds: 0, rateOf: each(MIB) }), 0)).toBe(3);
  });

  test('ends none that live when there is less to do', () => {
    const decided = carried({ total: 100 * MIB, seconds: 60, rateOf: each(2 * MIB) });
    expect(decided.at(-1)?.missing).toBe(0);
    expect(decided.slice(-8).map(({ wanted }) => wanted)).toEqual(Array(8).fill(most(decided)));
  });

  test('keeps to the number that the user wants, whatever helps', () => {
    for (const fixed of [1, 3, 32]) {
      for (const total of [10, 10_000 * MIB, null]) {
        const decided = carried({ fixed, total, seconds: 30, rateOf: each(MIB) });
        expect(new Set(decided.map(({ wanted }) => wanted))).toEqual(new Set([fixed]));
      }
    }
  });

  test('keeps to another number from when the user wants that, and drops the youngest', () => {
    const count = new CircuitCount(8);
    const streams = [0, 1, 2, 3].map((number) => ({ number, since: 0, bytes: 0 }));
    const sample = { now: 0, bytes: 0, missing: null, streams };
    expect(count.decide(sample)).toEqual({ wanted: 8, dropped: [] });
    count.fix(2);
    expect(count.decide({ ...sample, now: 250 })).toEqual({ wanted: 2, dropped: [3] });
  });
});

describe('a circuit that is not worth it', () => {
  const lame = (number: number): number => (number === 2 ? 1024 : MIB);

  test('is replaced once it has had its time, also where the user has set the number', () => {
    for (const fixed of [undefined, 4]) {
      const world = { total: 10_000 * MIB, seconds: 60, rateOf: lame };
      const [only, ...more] = named(carried({ ...world, ...(fixed && { fixed }) }));
      expect(only?.dropped).toEqual([2]);
      expect(only?.second).toBeGreaterThanOrEqual(SETTLE_MS / 1000);
      expect(more).toEqual([]);
    }
  });

  test('is replaced again and again until another carries', () => {
    // Of those that are drawn, every third carries well.
    const poor = (number: number): number => (number % 3 === 0 ? MIB : MIB / 16);
    const decided = carried({ total: 10_000 * MIB, seconds: 120, firstMs: 2_000, rateOf: poor });
    const gone = named(decided).flatMap(({ dropped }) => dropped);
    expect(gone.length).toBeGreaterThan(CIRCUITS_DRAWN);
    expect(gone.filter((number) => number % 3 === 0)).toEqual([]);
  });

  test('goes with a quarter of all at a time, so that the others carry meanwhile', () => {
    const poor = (number: number): number => (number % 3 === 0 ? MIB : MIB / 16);
    const world = { total: 10_000 * MIB, seconds: 60, firstMs: 2_000, rateOf: poor };
    for (const { dropped } of carried(world)) {
      expect(dropped.length).toBeLessThanOrEqual(CIRCUITS_DRAWN / 4);
    }
  });

  test('is replaced more and more rarely where those that come are no better', () => {
    const poor = (number: number): number => (number < 20 ? MIB : MIB / 16);
    const world = { total: 10_000 * MIB, seconds: 200, firstMs: 2_000, rateOf: poor };
    const times = named(carried(world)).map(({ second }) => second);
    const pauses = times.map((second, i) => second - (times[i - 1] ?? 0));
    expect(Math.max(...pauses)).toBeGreaterThan(10);
  });

  test('is not replaced near the end, where others bring what it holds', () => {
    const decided = carried({ fixed: 4, total: 20 * MIB, seconds: 60, rateOf: lame });
    expect(decided.at(-1)?.second).toBeGreaterThan(SETTLE_MS / 1000);
    expect(named(decided)).toEqual([]);
  });

  test('must carry almost nothing where the source may be what is slow', () => {
    const uneven = (number: number): number => (number % 2 === 0 ? MIB : MIB / 6);
    expect(named(carried({ fixed: 8, total: null, seconds: 60, rateOf: uneven }))).toEqual([]);
    expect(named(carried({ fixed: 8, total: null, seconds: 60, rateOf: lame }))).toHaveLength(1);
  });

  test('is nobody where all are alike, or all stand still', () => {
    for (const rateOf of [each(MIB), each(0)]) {
      expect(named(carried({ fixed: 8, total: null, seconds: 60, rateOf }))).toEqual([]);
    }
  });
});
