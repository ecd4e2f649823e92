import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import {
  CircuitPool,
  type CircuitPoolOptions,
} from '../../../src/session/circuits/circuit-pool.js';
import { isAdded } from '../../../src/session/conversation/stream-numbers.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

type Open = CircuitPoolOptions['open'];

interface World {
  readonly dialMs?: number;
  readonly missing?: number;
  /** While it runs. */
  readonly meanwhile?: (pool: CircuitPool) => Promise<void>;
}

/** Runs a pool of up to this many circuits; besides the first stream there are those in `open`. */
async function run(
  circuits: number,
  ms: number,
  open: Open,
  drop: (number: number) => void = () => undefined,
  { dialMs, missing, meanwhile }: World = {},
): Promise<number[][]> {
  // No moment of the program's clock is a special one.
  await vi.advanceTimersByTimeAsync(3_600_000);
  const announced: number[][] = [];
  const living = new Set([0]);
  const ending = new AbortController();
  const pool = new CircuitPool({
    circuits,
    sample: () => ({
      bytes: 0,
      missing: missing ?? null,
      streams: [...living].map((number) => ({ number, since: 0, bytes: 0 })),
    }),
    announce: (numbers) => announced.push([...numbers]),
    open: async (number, lives) => {
      await open(number, () => {
        living.add(number);
        lives();
      });
      living.delete(number);
    },
    dialMs,
    drop,
    signal: ending.signal,
  });
  const running = pool.run();
  await meanwhile?.(pool);
  await vi.advanceTimersByTimeAsync(ms);
  ending.abort();
  await running;
  return announced;
}

const forever = (): Promise<never> => new Promise(() => undefined);

test('streams are announced to the sender as they are dialled, each number once', async () => {
  const announced = await run(4, 60_000, (_, lives) => {
    lives();
    return forever();
  });
  expect(announced).toEqual([[1, 2, 3]]);
});

test('what is being dialled is not dialled once more', async () => {
  expect(await run(4, 60_000, forever)).toEqual([[1, 2, 3]]);
});

test('a dial that takes many times as long as others is given up for another', async () => {
  const ends = new Map<number, () => void>();
  const announced = await run(
    3,
    60_000,
    (number, lives) => {
      if (number !== 2) lives();
      return new Promise((resolve) => ends.set(number, resolve));
    },
    (number) => ends.get(number)?.(),
  );
  expect(announced).toEqual([[1, 2], [3]]);
});

test('a dial has four times as long as the first one took', async () => {
  const dropped = async (ms: number): Promise<number[]> => {
    const numbers: number[] = [];
    await run(2, ms, forever, (number) => numbers.push(number), { dialMs: 5_000 });
    return [...numbers];
  };
  expect(await dropped(19_999)).toEqual([]);
  expect(await dropped(20_001)).toEqual([1]);
});

test('nothing is dialled when everything has come', async () => {
  expect(await run(4, 60_000, forever, undefined, { missing: 0 })).toEqual([]);
});

test('what is dropped because fewer are wanted is no failure: more are dialled at once', async () => {
  const ends = new Map<number, () => void>();
  const announced = await run(
    3,
    0,
    (number, lives) => {
      lives();
      return new Promise((resolve) => ends.set(number, resolve));
    },
    (number) => ends.get(number)?.(),
    {
      meanwhile: async (pool) => {
        await vi.advanceTimersByTimeAsync(0);
        pool.fix(2);
        await vi.advanceTimersByTimeAsync(250);
        pool.fix(3);
        await vi.advanceTimersByTimeAsync(250);
      },
    },
  );
  expect(announced).toEqual([[1, 2], [3]]);
});

test('dials are given more time where none of them comes in time', async () => {
  const ends = new Map<number, () => void>();
  const announced = await run(
    2,
    300_000,
    (number) => new Promise((resolve) => ends.set(number, resolve)),
    (number) => ends.get(number)?.(),
  );
  expect(announced.length).toBeGreaterThan(3);
  expect(announced.length).toBeLessThan(10);
});

test('a stream that breaks is replaced', async () => {
  const announced = await run(3, 60_000, async (number, lives) => {
    lives();
    if (number !== 2) await forever();
  });
  expect(announced).toEqual([[1, 2], [3]]);
});

test('streams that break after they have lived are replaced after half a second each', async () => {
  const announced = await run(2, 10_000, (_, lives) => {
    lives();
    return Promise.resolve();
  });
  // Looked at every quarter of a second.
  expect(announced.length).toBeGreaterThanOrEqual(14);
  expect(announced.length).toBeLessThanOrEqual(21);
});

test('circuits that cannot be dialled are tried more and more rarely', async () => {
  const announced = await run(2, 120_000, () => Promise.resolve());
  expect(announced.length).toBeGreaterThan(5);
  expect(announced.length).toBeLessThan(15);
});

test('a number is never used twice, and none that the sender would refuse', async () => {
  const announced = await run(32, 600_000, (_, lives) => {
    lives();
    return Promise.resolve();
  });
  const numbers = announced.flat();
  expect(new Set(numbers).size).toBe(numbers.length);
  expect(numbers.length).toBeGreaterThan(1_000);
  expect(numbers.every(isAdded)).toBe(true);
});
