import { expect, test } from 'vitest';
import { type Deferred, deferred } from '../../src/base/deferred.js';
import { SyncQueue } from '../../src/disk/sync-queue.js';

/** Syncs that end when they are told to. */
class Syncs {
  readonly begun: number[] = [];
  readonly #running = new Map<number, Deferred<undefined>>();

  get running(): number {
    return this.#running.size;
  }

  readonly sync = async (index: number): Promise<void> => {
    this.begun.push(index);
    const ending = deferred<undefined>();
    this.#running.set(index, ending);
    await ending.promise;
    this.#running.delete(index);
  };

  /** Ends what runs now, and lets others begin. */
  async endAll(): Promise<void> {
    for (const { resolve } of this.#running.values()) resolve(undefined);
    await new Promise(setImmediate);
  }
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

test('syncs a few in the background, and the rest many at once', async () => {
  const syncs = new Syncs();
  const queue = new SyncQueue(syncs.sync);
  for (const index of numbers(5)) queue.add(index);
  expect(syncs.begun).toEqual([0, 1]);
  await syncs.endAll();
  expect(syncs.begun).toEqual([0, 1, 2, 3]);
  for (let index = 100; index < 200; index++) queue.defer(index);
  await syncs.endAll();
  expect(syncs.begun).toEqual([0, 1, 2, 3, 4]);
  let drained = false;
  const draining = queue.drained().then(() => {
    drained = true;
  });
  expect(syncs.running).toBe(16);
  while (syncs.running > 0) {
    expect(drained).toBe(false);
    await syncs.endAll();
  }
  await draining;
  expect(new Set(syncs.begun).size).toBe(105);
});

test('begins again when a file is added after all were synced', async () => {
  const syncs = new Syncs();
  const queue = new SyncQueue(syncs.sync);
  queue.add(1);
  await syncs.endAll();
  queue.add(1);
  expect(syncs.begun).toEqual([1, 1]);
  await syncs.endAll();
  await queue.drained();
});

test('syncs the others when one fails, and says so at the end', async () => {
  const queue = new SyncQueue((index) =>
    index === 1 ? Promise.reject(new Error('no room')) : Promise.resolve(),
  );
  for (const index of numbers(4)) queue.add(index);
  await expect(queue.drained()).rejects.toThrow('no room');
});

test('forgets what waits when it is stopped', async () => {
  const syncs = new Syncs();
  const queue = new SyncQueue(syncs.sync);
  for (const index of numbers(5)) queue.add(index);
  const stopping = queue.stop();
  await syncs.endAll();
  await stopping;
  expect(syncs.begun).toEqual([0, 1]);
});
