import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ChunkPlan, type Piece } from '../../src/stream/chunk-plan.js';
import { type Range, Ranges } from '../../src/stream/ranges.js';

/** One stream with all that is between the plan and the recipient. */
interface Wire {
  /** Sent and not delivered, oldest first. */
  readonly sent: Piece[];
  /** Sent and not acknowledged, oldest first. */
  readonly unacknowledged: Piece[];
  delivered: number;
  acknowledged: number;
}

const MAX_STREAMS = 16;
/** Longer than a stream that stands still may keep what it holds to itself. */
const ROUNDS = 400;
const ROUND_MS = 50;

/** The plan, streams that deliver in order as long as they live, and a recipient. */
class Model {
  readonly #plan: ChunkPlan;
  readonly #total: number;
  readonly #openEnded: boolean;
  readonly #wires = new Map<number, Wire>();
  /** What the recipient has. */
  readonly #got: Ranges;
  /** What the plan has been told of, and may not send any more. */
  readonly #acknowledged: Ranges;
  /** Damage that the recipient has noticed and the plan has not heard of yet. */
  #complaints: Range[] = [];
  #now = 0;
  #streams = 0;

  constructor(options: { chunkBytes: number; total: number; have: Ranges; openEnded: boolean }) {
    const { chunkBytes, total, have, openEnded } = options;
    this.#plan = new ChunkPlan({ chunkBytes, total: openEnded ? null : total, have });
    this.#total = total;
    this.#openEnded = openEnded;
    this.#got = new Ranges(have);
    this.#acknowledged = new Ranges();
    for (const [start, end] of have) this.#acknowledged.add(start, Math.min(end, total));
  }

  append(length: number): void {
    if (!this.#openEnded) return;
    const rest = this.#total - this.#plan.end;
    if (rest > 0) this.#plan.append(Math.min(length, rest));
  }

  join(): number | undefined {
    if (this.#wires.size === MAX_STREAMS) return undefined;
    const stream = this.#streams++;
    this.#plan.join(stream, this.#now);
    this.#wires.set(stream, { sent: [], unacknowledged: [], delivered: 0, acknowledged: 0 });
    return stream;
  }

  pass(milliseconds: number): void {
    this.#now += milliseconds;
  }

  take(which: number, times: number): void {
    this.#on(which, (wire, stream) => {
      for (let i = 0; i < times; i++) {
        const piece = this.#plan.take(stream, this.#now);
        if (piece === undefined) return;
        const { position, length } = piece;
        expect(length).toBeGreaterThan(0);
        expect(position).toBeGreaterThanOrEqual(0);
        expect(position + length).toBeLessThanOrEqual(this.#plan.end);
        const before = this.#acknowledged.bytes;
        this.#acknowledged.remove(position, position + length);
        expect(this.#acknowledged.bytes, 'none of it was acknowledged').toBe(before);
        wire.sent.push(piece);
        wire.unacknowledged.push(piece);
      }
    });
  }

  deliver(which: number, pieces: number): void {
    this.#on(which, (wire) => {
      for (const { position, length } of wire.sent.splice(0, pieces)) {
        this.#got.add(position, position + length);
        wire.delivered++;
      }
    });
  }

  acknowledge(which: number, atMost: number): void {
    this.#on(which, (wire, stream) => {
      const frames = Math.min(atMost, wire.delivered - wire.acknowledged);
      wire.acknowledged += frames;
      const possible = wire.unacknowledged.splice(0, frames);
      for (const piece of this.#plan.acknowledge(stream, wire.acknowledged, this.#now)) {
        expect(possible).toContainEqual(piece);
        const before = this.#acknowledged.bytes;
        this.#acknowledged.add(piece.position, piece.position + piece.length);
        expect(this.#acknowledged.bytes - before, 'it is news').toBe(piece.length);
      }
    });
  }

  /** Undelivered content, and acknowledgements in flight, are lost with it. */
  die(which: number): void {
    this.#on(which, (_wire, stream) => {
      this.#plan.leave(stream);
      this.#wires.delete(stream);
    });
  }

  damage([start, end]: Range): void {
    this.#got.remove(start, end);
    this.#complaints.push([start, end]);
  }

  complain(): void {
    const complaint = this.#complaints.shift();
    if (complaint === undefined) return;
    this.#plan.again(...complaint);
    this.#acknowledged.remove(...complaint);
  }

  check(): void {
    const known = this.#plan.end;
    expect(this.#plan.acknowledgedBytes).toBe(bytesBefore(this.#acknowledged, known));
    expect(this.#plan.heldBytes).toBeGreaterThanOrEqual(0);
    const excused = new Ranges([...this.#got, ...this.#complaints]);
    for (const range of this.#acknowledged) {
      expect(excused.has(...range), 'the recipient has what counts as acknowledged').toBe(true);
    }
  }

  /** One stream delivers; all others that live hold what they hold, and stand still. */
  end(): void {
    while (this.#openEnded && this.#plan.end < this.#total) this.append(this.#total);
    if (this.#openEnded) this.#plan.finish();
    const living = [...this.#wires.keys()].length - 1;
    const which = living < 0 ? 0 : living;
    if (living < 0) this.join();
    while (this.#complaints.length > 0) this.complain();
    for (let round = 0; round < ROUNDS && !this.#plan.isComplete; round++) {
      this.pass(ROUND_MS);
      this.take(which, 100);
      this.deliver(which, Number.POSITIVE_INFINITY);
      this.acknowledge(which, Number.POSITIVE_INFINITY);
      this.check();
    }
    expect(this.#got.missingWithin(0, this.#total)).toEqual([]);
    expect(this.#plan.isComplete).toBe(true);
    expect(this.#plan.heldBytes).toBe(0);
    expect(this.#plan.acknowledgedBytes).toBe(this.#total);
    this.take(which, 1);
    expect(this.#plan.heldBytes, 'nothing is left to send').toBe(0);
  }

  #on(which: number, act: (wire: Wire, stream: number) => void): void {
    const streams = [...this.#wires];
    const chosen = streams[which % streams.length];
    if (chosen !== undefined) act(chosen[1], chosen[0]);
  }
}

function bytesBefore(ranges: Ranges, end: number): number {
  const within = new Ranges(ranges);
  within.remove(end, Number.POSITIVE_INFINITY);
  return within.bytes;
}

type Step = (model: Model) => void;

const which = fc.nat({ max: MAX_STREAMS - 1 });
const few = fc.integer({ min: 1, max: 12 });

function rangeIn(total: number): fc.Arbitrary<Range> {
  return fc
    .tuple(fc.nat({ max: total }), fc.nat({ max: total }))
    .map(([a, b]): Range => [Math.min(a, b), Math.max(a, b)]);
}

function stepOf(total: number, chunkBytes: number): fc.Arbitrary<Step> {
  const onOne = (act: (model: Model, which: number, count: number) => void): fc.Arbitrary<Step> =>
    fc.tuple(which, few).map(
      ([which, count]) =>
        (model) =>
          act(model, which, count),
    );
  return fc.oneof(
    { weight: 2, arbitrary: fc.constant<Step>((model) => model.join()) },
    { weight: 8, arbitrary: onOne((model, which, count) => model.take(which, count)) },
    { weight: 5, arbitrary: onOne((model, which, count) => model.deliver(which, count)) },
    { weight: 4, arbitrary: onOne((model, which, count) => model.acknowledge(which, count)) },
    { weight: 1, arbitrary: onOne((model, which) => model.die(which)) },
    {
      weight: 3,
      arbitrary: fc.nat({ max: 3000 }).map(
        (ms): Step =>
          (model) =>
            model.pass(ms),
      ),
    },
    {
      weight: 3,
      arbitrary: fc.integer({ min: 1, max: 3 * chunkBytes }).map(
        (length): Step =>
          (model) =>
            model.append(length),
      ),
    },
    {
      weight: 1,
      arbitrary: rangeIn(total).map(
        (range): Step =>
          (model) =>
            model.damage(range),
      ),
    },
    { weight: 1, arbitrary: fc.constant<Step>((model) => model.complain()) },
  );
}

const scenario = fc
  .constantFrom(7, 1000, 256 * 1024)
  .chain((chunkBytes) => fc.tuple(fc.constant(chunkBytes), fc.nat({ max: 40 * chunkBytes })))
  .chain(([chunkBytes, total]) =>
    fc.record({
      chunkBytes: fc.constant(chunkBytes),
      total: fc.constant(total),
      openEnded: fc.boolean(),
      have: fc.array(rangeIn(total), { maxLength: 6 }),
      steps: fc.array(stepOf(total, chunkBytes), { maxLength: 150, size: 'max' }),
    }),
  );

describe('ChunkPlan', () => {
  test('brings every byte over, in any order, with any loss, duplicate, damage or death of streams', () => {
    fc.assert(
      fc.property(scenario, ({ chunkBytes, total, openEnded, have, steps }) => {
        const model = new Model({ chunkBytes, total, openEnded, have: new Ranges(have) });
        for (const step of steps) {
          step(model);
          model.check();
        }
        model.end();
      }),
      { numRuns: 500 },
    );
  });
});
