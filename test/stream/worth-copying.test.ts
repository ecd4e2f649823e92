import { describe, expect, test } from 'vitest';
import { ChunkPlan } from '../../src/stream/chunk-plan.js';
import { CHUNK, chunkNumbers, planOf, takeAll } from './plans.js';

describe('ChunkPlan sends copies', () => {
  test('of the tail of a slow stream to a fast one', () => {
    const plan = planOf(204, 2);
    expect(chunkNumbers(takeAll(plan, 0, 0))).toEqual([0, 1, 2, 3]);
    const copies: number[] = [];
    let frames = 0;
    let given = 0;
    for (let now = 50; frames < given || now < 4000; now += 20) {
      const pieces = chunkNumbers(takeAll(plan, 1, now));
      given += pieces.length;
      copies.push(...pieces.filter((chunk) => chunk < 4));
      if (frames < given) plan.acknowledge(1, ++frames, now + 10);
      // Half a chunk per second: slow, but it moves.
      if (now === 2010) expect(plan.acknowledge(0, 1, now)).toHaveLength(1);
    }
    expect(copies, 'what would come last, first').toEqual([3, 2, 1]);
    expect(plan.isComplete).toBe(true);
    expect(plan.acknowledge(0, 4, 4500), 'late, counted, and no news').toEqual([]);
  });

  test('not while there is pending work', () => {
    const plan = planOf(9, 2);
    takeAll(plan, 0, 0);
    expect(chunkNumbers(takeAll(plan, 1, 20_000))).toEqual([4, 5, 6, 7]);
    expect(plan.take(1, 20_000), 'no room, and no copy either').toBeUndefined();
  });

  test('not of what is expected to come about as soon from the other stream', () => {
    const plan = planOf(2, 2);
    plan.take(0, 0);
    plan.take(1, 0);
    plan.acknowledge(1, 1, 400);
    expect(plan.take(1, 500)).toBeUndefined();
  });

  test('so that a stream which stands still never holds the end', () => {
    const plan = planOf(8, 2);
    takeAll(plan, 0, 0);
    let frames = takeAll(plan, 1, 0).length;
    plan.acknowledge(1, frames, 1000);
    let now = 1000;
    for (; !plan.isComplete; now += 100) {
      frames += takeAll(plan, 1, now).length;
      plan.acknowledge(1, frames, now + 50);
      expect(now).toBeLessThan(6000);
    }
    expect(plan.acknowledge(0, 4, now), 'late, counted, and no news').toEqual([]);
    expect(plan.acknowledgedBytes).toBe(8 * CHUNK);
  });

  test('never twice to one stream, and to three streams in all while they move', () => {
    const plan = planOf(1, 10);
    let now = 0;
    const takers: number[] = [];
    for (; now <= 4800; now += 100) {
      for (let stream = 0; stream < 10; stream++) {
        if (plan.take(stream, now) !== undefined) takers.push(stream);
      }
    }
    expect(takers).toEqual([...new Set(takers)]);
    expect(takers.length).toBeGreaterThan(1);
    expect(takers.length).toBeLessThanOrEqual(3);
    expect(plan.heldBytes).toBe(CHUNK);
  });

  test('three at once at most, even if a fourth were quicker still', () => {
    const plan = planOf(41, 4);
    let now = 0;
    [4500, 1500, 500, 20].forEach((every, stream) => {
      for (let frames = 1; frames <= 10; frames++) {
        plan.take(stream, now);
        now += every;
        plan.acknowledge(stream, frames, now);
      }
    });
    const lengths = [0, 1, 2, 3].map((stream) => plan.take(stream, now)?.length);
    expect(lengths).toEqual([CHUNK, CHUNK, CHUNK, undefined]);
    plan.leave(1);
    expect(plan.take(3, now)?.length).toBe(CHUNK);
  });

  test('of what the slowest stream holds, before what a slow one does', () => {
    const plan = planOf(32, 3);
    let now = 0;
    [1000, 3000, 20].forEach((every, stream) => {
      for (let frames = 1; frames <= 10; frames++) {
        plan.take(stream, now);
        now += every;
        plan.acknowledge(stream, frames, now);
      }
    });
    const [slow, slowest] = [plan.take(0, now), plan.take(1, now)];
    expect(plan.take(2, now)).toEqual(slowest);
    expect(plan.take(2, now)).toEqual(slow);
  });

  test('only as far as the window of the stream that carries them allows', () => {
    const plan = planOf(12, 4);
    for (const stream of [0, 1, 2]) takeAll(plan, stream, 0);
    expect(takeAll(plan, 3, 6000)).toHaveLength(4);
  });

  test('again once those that hold copies have stalled', () => {
    const plan = planOf(1, 20);
    const last = 19;
    for (let stream = 0; stream < last; stream++) plan.take(stream, 6000 * stream);
    expect(plan.take(last, 6000 * last)).toEqual({ position: 0, length: CHUNK });
  });

  test('that keep a piece out of the pending ones when another holder dies', () => {
    const plan = planOf(1, 3);
    plan.take(0, 0);
    expect(plan.take(1, 6000)).toBeDefined();
    plan.leave(0);
    expect(plan.heldBytes).toBe(CHUNK);
    expect(plan.take(2, 6000)).toBeUndefined();
    plan.leave(1);
    expect(plan.heldBytes).toBe(0);
    expect(plan.take(2, 6000)).toBeDefined();
  });
});

/** Streams that carry this many bytes per second each; an acknowledgement takes half a second. */
function carry(total: number, rates: readonly number[]): { seconds: number; sent: number } {
  const STEP_MS = 5;
  const WAY_MS = 500;
  const plan = new ChunkPlan({ chunkBytes: CHUNK, total });
  const streams = rates.map((rate, stream) => {
    plan.join(stream, 0);
    return {
      stream,
      rate,
      wire: [] as number[],
      carried: 0,
      frames: 0,
      acknowledgeAt: [] as number[],
    };
  });
  let sent = 0;
  let now = 0;
  for (; !plan.isComplete && now < 1_000_000; now += STEP_MS) {
    for (const each of streams) {
      for (const { length } of takeAll(plan, each.stream, now)) {
        sent += length;
        each.wire.push(length);
      }
      each.carried += (each.rate * STEP_MS) / 1000;
      for (
        let next = each.wire[0];
        next !== undefined && next <= each.carried;
        next = each.wire[0]
      ) {
        each.carried -= next;
        each.wire.shift();
        each.acknowledgeAt.push(now + WAY_MS);
      }
      if (each.wire.length === 0) each.carried = 0;
      for (
        ;
        (each.acknowledgeAt[0] ?? Number.POSITIVE_INFINITY) <= now;
        each.acknowledgeAt.shift()
      ) {
        plan.acknowledge(each.stream, ++each.frames, now);
      }
    }
  }
  expect(plan.isComplete).toBe(true);
  return { seconds: now / 1000, sent };
}

describe('copies make streams of', () => {
  const MIB = 1024 * 1024;

  test('very different speed end at about the same time, and cost little', () => {
    const total = 100 * MIB;
    const rates = [4, 2, 1, 1 / 2, 1 / 4, 1 / 8, 1 / 16, 1 / 32].map((rate) => rate * MIB);
    const { seconds, sent } = carry(total, rates);
    const ideal = total / rates.reduce((sum, rate) => sum + rate);
    expect(seconds).toBeLessThan(ideal * 1.2);
    expect(sent).toBeLessThan(total * 1.06);
  });

  test('the same speed no slower: there are none', () => {
    for (const rate of [MIB / 32, MIB / 2, 2 * MIB]) {
      expect(carry(20 * MIB, new Array<number>(8).fill(rate)).sent).toBe(20 * MIB);
    }
  });
});
