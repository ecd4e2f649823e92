import { describe, expect, test } from 'vitest';
import { ChunkPlan, type Piece } from '../../src/stream/chunk-plan.js';
import { CHUNK, planOf, takeAll } from './plans.js';

const MIB = 1024 * 1024;

/** A stream that is always given what it may have and delivers a chunk every `every` ms, until `end`. */
function run(plan: ChunkPlan, stream: number, every: number, end: number): number {
  let frames = 0;
  takeAll(plan, stream, 0);
  for (let now = every; now <= end; now += every) {
    plan.acknowledge(stream, ++frames, now);
    takeAll(plan, stream, now);
  }
  return frames;
}

/** The clock of a plan shows anything at its beginning. */
const CLOCK_MS = 1_000_000;

interface LongWay {
  readonly tripMs: number;
  /** Bytes a second. */
  readonly rate: number;
  readonly until: number;
}

/** Stream 0 is given what it may have; each piece is acknowledged a trip later, if not later still. */
function overLongWay(
  plan: ChunkPlan,
  { tripMs, rate, until }: LongWay,
): { rate: number; pieces: Piece[] } {
  const pieces: Piece[] = [];
  const due: number[] = [];
  for (let now = CLOCK_MS, frames = 0; now <= CLOCK_MS + until; now += 10) {
    while ((due[frames] ?? Infinity) <= now) plan.acknowledge(0, ++frames, now);
    for (const piece of takeAll(plan, 0, now)) {
      pieces.push(piece);
      due.push(Math.max(now + tripMs, (due.at(-1) ?? 0) + (piece.length / rate) * 1000));
    }
  }
  return { rate: plan.rate(0, CLOCK_MS + until), pieces };
}

describe('ChunkPlan lets a stream hold', () => {
  test('one mebibyte while nothing is known of it', () => {
    const plan = planOf(100, 1);
    takeAll(plan, 0, 0);
    expect(plan.heldBytes).toBe(MIB);
  });

  test('no more than that if it is slow', () => {
    const plan = planOf(1000, 1);
    run(plan, 0, 2000, 20_000);
    expect(plan.heldBytes).toBe(MIB);
    expect(plan.rate(0, 20_000)).toBeCloseTo(CHUNK / 2, -4);
  });

  test('what it delivers in two seconds if it is fast', () => {
    const plan = planOf(10_000, 1);
    run(plan, 0, 50, 10_000);
    const rate = plan.rate(0, 10_000);
    expect(rate / (CHUNK * 20)).toBeCloseTo(1, 1);
    expect(plan.heldBytes).toBeGreaterThan(2 * rate - CHUNK);
    expect(plan.heldBytes).toBeLessThanOrEqual(2 * rate);
  });

  test('what it delivers in two of its trips if those are longer', () => {
    const plan = planOf(10_000, 1);
    const way = overLongWay(plan, { tripMs: 2_000, rate: CHUNK * 10, until: 20_000 });
    expect(way.rate).toBeCloseTo(CHUNK * 10, -5);
    expect(plan.heldBytes).toBeGreaterThan(4 * way.rate - CHUNK);
    expect(plan.heldBytes).toBeLessThanOrEqual(4 * way.rate);
  });

  test('shorter pieces the slower it is, of which none crosses the end of a chunk', () => {
    const lengths = [CHUNK / 4, CHUNK * 2, CHUNK * 10].map((rate) => {
      const plan = new ChunkPlan({
        chunkBytes: CHUNK,
        shortestBytes: CHUNK / 8,
        total: 1000 * CHUNK,
      });
      plan.join(0, 0);
      const { pieces } = overLongWay(plan, { tripMs: 500, rate, until: 20_000 });
      for (const { position, length } of pieces) {
        expect(Math.floor((position + length - 1) / CHUNK)).toBe(Math.floor(position / CHUNK));
      }
      return pieces.at(-1)?.length;
    });
    expect(lengths).toEqual([CHUNK / 8, CHUNK / 4, CHUNK]);
  });

  test('one piece, however long pieces are', () => {
    const plan = new ChunkPlan({ chunkBytes: 4 * MIB, total: 20 * MIB });
    plan.join(1, 0);
    expect(plan.take(1, 0)?.length).toBe(4 * MIB);
    expect(plan.take(1, 0)).toBeUndefined();
  });

  test('nothing further while it stands still', () => {
    const plan = planOf(100, 1);
    plan.take(0, 0);
    expect(plan.take(0, 6000)).toBeUndefined();
    expect(plan.rate(0, 6000)).toBe(0);
    plan.acknowledge(0, 1, 7000);
    expect(plan.take(0, 7000)).toBeDefined();
  });
});

describe('ChunkPlan takes a stream', () => {
  test('for no slower because it had nothing to do', () => {
    const plan = planOf(10_000, 1);
    const frames = run(plan, 0, 50, 5000);
    plan.acknowledge(0, frames + plan.heldBytes / CHUNK, 7000);
    const rate = plan.rate(0, 7000);
    expect(plan.rate(0, 60_000)).toBe(rate);
    plan.take(0, 60_000);
    expect(plan.rate(0, 60_100)).toBe(rate);
  });

  test('for as fast when it confirms at once as when that takes hardly any time', () => {
    const [atOnce, nearly] = [0, 0.001].map((ms) => {
      const plan = planOf(1, 1);
      plan.take(0, 0);
      plan.acknowledge(0, 1, ms);
      return plan.rate(0, ms);
    });
    expect((atOnce ?? 0) / (nearly ?? 0)).toBeCloseTo(1, 4);
  });

  test('for slower and slower while it owes an acknowledgement', () => {
    const plan = planOf(10_000, 1);
    run(plan, 0, 50, 5000);
    const rates = [5000, 6500, 8000, 9900, 10_100].map((now) => plan.rate(0, now));
    expect(rates).toEqual(rates.toSorted((a, b) => b - a));
    expect(new Set(rates).size).toBe(rates.length);
    expect(rates.at(-1)).toBe(0);
    // No news is no sign for a second, and in the next one the trust in what it carried goes.
    expect(plan.rate(0, 6000)).toBe(plan.rate(0, 5000));
    expect(plan.rate(0, 6500)).toBeCloseTo(plan.rate(0, 5000) / 3, 0);
  });

  test('for one that stands still, however often it is given more and confirms nothing', () => {
    const plan = planOf(100, 2);
    plan.take(0, 0);
    expect(plan.take(0, 4000)).toBeDefined();
    expect(plan.acknowledge(0, 0, 4500)).toEqual([]);
    expect(plan.rate(0, 4999)).toBeGreaterThan(0);
    expect(plan.rate(0, 5000)).toBe(0);
  });
});
