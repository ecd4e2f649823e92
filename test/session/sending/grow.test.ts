import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { setTimeout as pause, setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Notifier } from '../../../src/base/notifier.js';
import { grow } from '../../../src/session/sending/grow.js';
import type { Growth } from '../../../src/session/sending/source.js';
import { ChunkPlan } from '../../../src/stream/chunk-plan.js';
import { FRAME_CONTENT_BYTES } from '../../../src/stream/frame.js';
import { streamSource } from '../../../src/transfer/source/stream-source.js';

test('content loses nothing when the plan is a new one while more is waited for', async () => {
  const content = randomBytes(5 * FRAME_CONTENT_BYTES);
  const input = new Readable({ read: () => undefined });
  await using source = streamSource(input, 'stdin');
  const { growth } = source;
  if (growth === undefined) throw new Error('it does not grow');
  const plans = [1, 2].map(
    () => new ChunkPlan({ chunkBytes: FRAME_CONTENT_BYTES, total: null }),
  ) as [ChunkPlan, ChunkPlan]; // two numbers, two plans
  const first = new AbortController();
  const before = grow(growth, plans[0], new Notifier(), first.signal);
  // The two have lost each other, and meet again; then comes a piece of more than one frame.
  await pause(1);
  first.abort();
  const after = grow(growth, plans[1], new Notifier(), new AbortController().signal);
  await pause(1);
  input.push(content);
  input.push(null);
  await Promise.all([before, after]);
  expect([growth.length, plans[1].end, plans[1].isEnded]).toEqual([
    content.length,
    content.length,
    true,
  ]);
  const got = new Uint8Array(content.length);
  for (let at = 0; at < got.length; ) at += await source.read(at, got.subarray(at));
  expect(content.equals(got)).toBe(true);
});

const MORE_BYTES = 16 * 1024 * 1024;

/** Content that comes as soon as it is asked for, and never ends. */
class Endless implements Growth {
  length = 0;
  readonly isOver = false;

  more(): Promise<number> {
    this.length += MORE_BYTES;
    return Promise.resolve(MORE_BYTES);
  }

  release(): void {
    // Nothing is kept.
  }
}

test('content is read no further than 32 MiB beyond what the recipient has written', async () => {
  const growth = new Endless();
  const plan = new ChunkPlan({ chunkBytes: MORE_BYTES, total: null });
  plan.join(0, 0);
  const notifier = new Notifier();
  const ending = new AbortController();
  const growing = grow(growth, plan, notifier, ending.signal);
  await setImmediate();
  expect([growth.length, plan.end]).toEqual([2 * MORE_BYTES, 2 * MORE_BYTES]);
  plan.take(0, 0);
  notifier.notify();
  await setImmediate();
  expect(growth.length, 'what is on its way is not written').toBe(2 * MORE_BYTES);
  plan.acknowledge(0, 1, 1);
  notifier.notify();
  await setImmediate();
  expect([growth.length, plan.end]).toEqual([3 * MORE_BYTES, 3 * MORE_BYTES]);
  expect(plan.isEnded).toBe(false);
  ending.abort();
  await growing;
  expect(growth.length).toBe(3 * MORE_BYTES);
});
