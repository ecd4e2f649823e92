import { describe, expect, test } from 'vitest';
import { ChunkPlan } from '../../src/stream/chunk-plan.js';
import { CHUNK, chunkNumbers, planOf, takeAll } from './plans.js';

describe('ChunkPlan hands out', () => {
  test('pieces in ascending order, the last one as long as there is content', () => {
    const plan = new ChunkPlan({ chunkBytes: 10, total: 25 });
    plan.join(1, 0);
    expect(takeAll(plan, 1, 0)).toEqual([
      { position: 0, length: 10 },
      { position: 10, length: 10 },
      { position: 20, length: 5 },
    ]);
    expect(plan.heldBytes).toBe(25);
  });

  test('only what the recipient does not have, aligned again after each gap', () => {
    const plan = new ChunkPlan({
      chunkBytes: 10,
      total: 40,
      have: [
        [0, 4],
        [12, 33],
      ],
    });
    plan.join(1, 0);
    expect(plan.acknowledgedBytes).toBe(25);
    expect(takeAll(plan, 1, 0)).toEqual([
      { position: 4, length: 6 },
      { position: 10, length: 2 },
      { position: 33, length: 7 },
    ]);
    expect(plan.lastMissing).toBe(39);
    plan.acknowledge(1, 3, 1);
    expect(plan.lastMissing).toBeUndefined();
  });

  test('nothing, and is complete, when the recipient has everything or there is nothing', () => {
    const plan = new ChunkPlan({ chunkBytes: 10, total: 40, have: [[0, 50]] });
    plan.join(1, 0);
    expect(plan.take(1, 0)).toBeUndefined();
    expect(plan.isComplete).toBe(true);
    expect(plan.acknowledgedBytes).toBe(40);
    expect(new ChunkPlan({ chunkBytes: 10, total: 0 }).isComplete).toBe(true);
  });

  test('nothing to a stream that does not take part, or has left', () => {
    const plan = planOf(1, 0);
    expect(plan.take(7, 0)).toBeUndefined();
    plan.join(7, 0);
    expect(plan.take(7, 0)).toBeDefined();
    plan.leave(7);
    expect(plan.take(7, 0)).toBeUndefined();
  });

  test('content that grows as it was appended, without waiting for a whole chunk', () => {
    const plan = new ChunkPlan({ chunkBytes: 10, total: null });
    plan.join(1, 0);
    expect(plan.take(1, 0)).toBeUndefined();
    plan.append(3);
    plan.append(4);
    plan.append(12);
    const pieces = [
      { position: 0, length: 3 },
      { position: 3, length: 4 },
      { position: 7, length: 10 },
      { position: 17, length: 2 },
    ];
    expect(takeAll(plan, 1, 0)).toEqual(pieces);
    plan.leave(1);
    plan.join(2, 0);
    expect(takeAll(plan, 2, 0), 'and the same once more').toEqual(pieces);
    expect(plan.end).toBe(19);
    plan.acknowledge(2, 4, 1);
    expect(plan.isComplete).toBe(false);
    plan.finish();
    expect(plan.isComplete).toBe(true);
  });

  test('of content that is appended again only what the recipient does not have from before', () => {
    const plan = new ChunkPlan({ chunkBytes: 10, total: null, have: [[2, 14]] });
    plan.join(1, 0);
    plan.append(6);
    expect(plan.acknowledgedBytes).toBe(4);
    plan.append(10);
    expect(takeAll(plan, 1, 0)).toEqual([
      { position: 0, length: 2 },
      { position: 14, length: 2 },
    ]);
  });

  test('appended parts as they were, however many have been acknowledged and forgotten', () => {
    const plan = new ChunkPlan({ chunkBytes: 10, total: null });
    plan.join(1, 0);
    for (let i = 1; i <= 2200; i++) {
      plan.append(3);
      expect(plan.take(1, i)).toEqual({ position: 3 * (i - 1), length: 3 });
      if (i % 7 === 0) plan.acknowledge(1, i, i);
    }
    plan.again(31, 45);
    const [damaged] = takeAll(plan, 1, 2200);
    expect(damaged?.position).toBe(31);
  });

  test('appended parts as they were, however much is acknowledged behind them', () => {
    const plan = new ChunkPlan({ chunkBytes: 10, total: null });
    plan.join(1, 0);
    plan.join(2, 0);
    plan.append(3);
    plan.append(3);
    const first = takeAll(plan, 1, 0);
    for (let i = 1; i <= 2000; i++) {
      plan.append(3);
      plan.take(2, i);
      plan.acknowledge(2, i, i);
    }
    plan.leave(1);
    expect(takeAll(plan, 2, 2000)).toEqual(first);
  });

  test('first what a dead stream leaves behind', () => {
    const plan = planOf(100, 2);
    expect(chunkNumbers(takeAll(plan, 0, 0))).toEqual([0, 1, 2, 3]);
    expect(plan.take(1, 0)?.position).toBe(4 * CHUNK);
    plan.acknowledge(0, 1, 100);
    plan.leave(0);
    expect(chunkNumbers(takeAll(plan, 1, 100))).toEqual([1, 2, 3]);
  });
});

describe('ChunkPlan learns', () => {
  test('what was acknowledged for the first time', () => {
    const plan = planOf(3, 1);
    takeAll(plan, 0, 0);
    expect(chunkNumbers(plan.acknowledge(0, 2, 1))).toEqual([0, 1]);
    expect(plan.acknowledge(0, 2, 2)).toEqual([]);
    expect(chunkNumbers(plan.acknowledge(0, 3, 3))).toEqual([2]);
    expect(plan.isComplete).toBe(true);
  });

  test('up to where nothing is missing, which need not be kept any longer', () => {
    const plan = new ChunkPlan({ chunkBytes: 10, total: null, have: [[20, 30]] });
    expect([plan.acknowledgedUpTo, plan.isEnded]).toEqual([0, false]);
    plan.join(1, 0);
    plan.append(30);
    expect(plan.acknowledgedUpTo, 'there is a hole before it').toBe(0);
    takeAll(plan, 1, 0);
    plan.acknowledge(1, 1, 1);
    expect(plan.acknowledgedUpTo).toBe(10);
    expect([plan.has(0, 10), plan.has(5, 11), plan.has(20, 30)]).toEqual([true, false, true]);
    plan.acknowledge(1, 2, 2);
    expect([plan.acknowledgedUpTo, plan.isEnded]).toEqual([30, false]);
    plan.finish();
    expect(plan.isEnded).toBe(true);
    expect(new ChunkPlan({ chunkBytes: 10, total: 1 }).isEnded).toBe(true);
  });

  test.each([
    ['more than was sent', 4],
    ['fewer than before', 1],
    ['no whole number', 2.5],
    ['no number', Number.NaN],
  ])('no acknowledgement of %s', (_name, frames) => {
    const plan = planOf(3, 1);
    takeAll(plan, 0, 0);
    plan.acknowledge(0, 2, 1);
    expect(() => plan.acknowledge(0, frames, 2)).toThrow(
      expect.objectContaining({ code: 'ERR_PROTOCOL' }),
    );
  });

  test('nothing from a stream that has left', () => {
    const plan = planOf(3, 1);
    takeAll(plan, 0, 0);
    plan.leave(0);
    plan.leave(0);
    expect(plan.acknowledge(0, 3, 1)).toEqual([]);
    expect(plan.acknowledgedBytes).toBe(0);
  });

  test('of damage, and sends the damaged part again', () => {
    const plan = new ChunkPlan({ chunkBytes: 10, total: 100, have: [[0, 100]] });
    plan.join(1, 0);
    plan.again(15, 25);
    expect(plan.isComplete).toBe(false);
    expect(takeAll(plan, 1, 0)).toEqual([
      { position: 15, length: 5 },
      { position: 20, length: 5 },
    ]);
    plan.acknowledge(1, 2, 1);
    expect(plan.isComplete).toBe(true);
  });

  test('of damage to what is in flight, and relies on what it sends afterwards', () => {
    const plan = planOf(1, 2);
    plan.take(0, 0);
    plan.again(10, 20);
    expect(plan.acknowledge(0, 1, 1)).toEqual([]);
    expect(plan.acknowledgedBytes).toBe(0);
    expect(plan.take(0, 2)).toEqual({ position: 0, length: CHUNK });
    expect(plan.acknowledge(0, 2, 3)).toHaveLength(1);
    expect(plan.isComplete).toBe(true);
  });

  test('of damage beside what is in flight, and relies on that all the same', () => {
    const plan = new ChunkPlan({ chunkBytes: 10, total: 30, have: [[10, 20]] });
    plan.join(1, 0);
    takeAll(plan, 1, 0);
    plan.again(10, 20);
    expect(plan.acknowledge(1, 2, 1)).toEqual([
      { position: 0, length: 10 },
      { position: 20, length: 10 },
    ]);
    expect(takeAll(plan, 1, 1)).toEqual([{ position: 10, length: 10 }]);
  });

  test('where the last byte that is missing is, however many holes there are', () => {
    const have = [10, 30, 50].map((start) => [start, start + 10] as const);
    const plan = new ChunkPlan({ chunkBytes: 10, total: 70, have });
    expect(plan.lastMissing).toBe(69);
    plan.again(50, 60);
    plan.join(1, 0);
    takeAll(plan, 1, 0);
    plan.acknowledge(1, 5, 1);
    expect(plan.lastMissing).toBeUndefined();
    plan.again(50, 60);
    expect(plan.lastMissing).toBe(59);
  });

  test('of no stream that is not there that it carries anything', () => {
    const plan = planOf(1, 1);
    expect(plan.rate(0, 0)).toBeGreaterThan(0);
    expect(plan.rate(1, 0)).toBe(0);
  });

  test('of damage beyond the end, which changes nothing', () => {
    const plan = planOf(1, 1);
    plan.again(CHUNK, 2 * CHUNK);
    expect(takeAll(plan, 0, 0)).toEqual([{ position: 0, length: CHUNK }]);
  });

  test('no stream twice, and no growth of content that has ended', () => {
    const plan = planOf(1, 1);
    const misuse: unknown = expect.objectContaining({ code: 'ERR_INTERNAL' });
    expect(() => plan.join(0, 1)).toThrow(misuse);
    expect(() => plan.append(1)).toThrow(misuse);
  });
});

test('ten gigabytes over sixteen streams, with a hole in every chunk, take a plan little work', () => {
  const chunks = 40_000;
  const have = Array.from({ length: chunks }, (_, i) => [i * CHUNK + 9, i * CHUNK + 99] as const);
  const plan = new ChunkPlan({ chunkBytes: CHUNK, total: chunks * CHUNK, have });
  const frames = new Array<number>(16).fill(0);
  frames.forEach((_, stream) => plan.join(stream, 0));
  for (let now = 0; !plan.isComplete; now += 50) {
    frames.forEach((before, stream) => {
      frames[stream] = before + takeAll(plan, stream, now).length;
      plan.acknowledge(stream, frames[stream] ?? 0, now + 40);
    });
  }
  expect(plan.acknowledgedBytes).toBe(chunks * CHUNK);
});

test('what has grown in many parts is cut where they end, however many have been written', () => {
  const plan = new ChunkPlan({ chunkBytes: 1_000, total: null });
  plan.join(1, 0);
  for (let part = 0; part < 3_000; part++) plan.append(10);
  for (const [from, to] of [
    [0, 1_100],
    [1_100, 1_500],
    [1_500, 2_900],
  ] as const) {
    for (let part = from; part < to; part++) {
      expect(plan.take(1, part)).toEqual({ position: 10 * part, length: 10 });
      plan.acknowledge(1, part + 1, part);
    }
  }
  expect(plan.take(1, 2_900)).toEqual({ position: 29_000, length: 10 });
  // What was written long ago is cut in any way.
  plan.again(15_000, 15_020);
  expect(plan.take(1, 2_901)?.position).toBe(15_000);
});
