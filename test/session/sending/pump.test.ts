import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Bytes } from '../../../src/base/bytes.js';
import { Notifier } from '../../../src/base/notifier.js';
import { type PumpOptions, pump } from '../../../src/session/sending/pump.js';
import type { Growth, Source } from '../../../src/session/sending/source.js';
import { ChunkPlan } from '../../../src/stream/chunk-plan.js';
import { FRAME_CONTENT_BYTES } from '../../../src/stream/frame.js';
import type { Manifest } from '../../../src/stream/manifest.js';
import type { Message } from '../../../src/stream/message.js';
import { TokenBucket } from '../../../src/stream/token-bucket.js';
import { ends } from '../support/ends.js';

beforeEach(() => {
  // The sockets between the ends go on.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => void vi.useRealTimers());

const LONG = 2 * FRAME_CONTENT_BYTES + 1_000;
/** Of a length that is announced, whichever. */
const KNOWN = manifestOf(LONG);
/** As of a pipe. */
const OPEN_ENDED = manifestOf(null);

function manifestOf(size: number | null): Manifest {
  return {
    kind: 'files',
    entries: [{ type: 'file', path: ['x'], size, mode: 0o644, mtime: 0 }],
  };
}

interface World {
  readonly heard: Message[];
  readonly ending: AbortController;
  readonly plan: ChunkPlan;
  readonly notifier: Notifier;
  readonly pumping: Promise<void>;
}

interface Given {
  readonly content: Bytes;
  readonly total?: number | null;
  readonly growth?: Growth;
  readonly manifest?: Manifest;
  readonly read?: Source['read'];
  readonly throttle?: TokenBucket;
}

/** Reads at most this much at a time, as files do. */
const READ_MAX = 100_000;

async function pumped(given: Given): Promise<World> {
  const { content, total = content.length, growth, manifest = KNOWN, throttle } = given;
  const { sender, recipient } = await ends();
  const heard: Message[] = [];
  const listen = async (): Promise<void> => {
    for await (const message of recipient.messages()) heard.push(message);
  };
  listen().catch(() => undefined);
  const read: Source['read'] = (position, into) => {
    const part = content.subarray(position, position + Math.min(into.length, READ_MAX));
    into.set(part);
    return Promise.resolve(part.length);
  };
  const source: Source = {
    ...{ manifest, warnings: [], read: given.read ?? read },
    ...(growth && { growth }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const plan = new ChunkPlan({ chunkBytes: FRAME_CONTENT_BYTES, total });
  plan.join(0, performance.now());
  const ending = new AbortController();
  const notifier = new Notifier();
  const options: PumpOptions = {
    stream: sender,
    plan,
    source,
    notifier,
    throttle,
    signal: ending.signal,
  };
  const pumping = pump(options);
  pumping.catch(() => undefined);
  return { heard, ending, plan, notifier, pumping };
}

const bytes = (length: number): Bytes => Uint8Array.from({ length }, (_, i) => (i % 251) + 1);

function contentOf(heard: readonly Message[], length: number): Bytes {
  const content = new Uint8Array(length);
  for (const message of heard) {
    if (message.frame === 'data') content.set(message.content, message.position);
  }
  return content;
}

test('everything goes over the stream, piece by piece, each with its position', async () => {
  const content = bytes(LONG);
  const { heard, ending, pumping } = await pumped({ content });
  await expect.poll(() => heard.length).toBe(3);
  expect(contentOf(heard, LONG)).toEqual(content);
  ending.abort(new Error('over'));
  await pumping;
  expect(vi.getTimerCount()).toBe(0);
});

test('zeros go as a count, and only where there is nothing else', async () => {
  const content = new Uint8Array(3 * FRAME_CONTENT_BYTES);
  content[2 * FRAME_CONTENT_BYTES - 1] = 1;
  content[2 * FRAME_CONTENT_BYTES] = 1;
  const { heard, ending } = await pumped({ content });
  await expect.poll(() => heard.length).toBe(3);
  expect(heard[0]).toEqual({ frame: 'zeros', position: 0, length: FRAME_CONTENT_BYTES });
  expect(heard.slice(1).map(({ frame }) => frame)).toEqual(['data', 'data']);
  ending.abort(new Error('over'));
});

test('more is sent when there is more, and looked for without a word several times a second', async () => {
  const content = bytes(1_000);
  const { heard, ending, plan, notifier } = await pumped({
    content,
    total: null,
    manifest: OPEN_ENDED,
  });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(heard).toEqual([]);
  plan.append(500);
  notifier.notify();
  await expect.poll(() => heard.length).toBe(1);
  plan.append(500);
  await vi.advanceTimersByTimeAsync(100);
  await expect.poll(() => heard.length).toBe(2);
  expect(contentOf(heard, 1_000)).toEqual(content);
  ending.abort(new Error('over'));
});

test('the end is told once, when all of what grows has been sent', async () => {
  const content = bytes(700);
  const growth = {
    length: 0,
    isOver: false,
    more: () => Promise.resolve(0),
    release: () => undefined,
  };
  const { heard, ending, plan, notifier } = await pumped({
    ...{ content, total: null, growth, manifest: OPEN_ENDED },
  });
  plan.append(700);
  growth.length = 700;
  notifier.notify();
  await expect.poll(() => heard.length).toBe(1);
  await vi.advanceTimersByTimeAsync(500);
  expect(heard).toHaveLength(1);
  growth.isOver = true;
  await vi.advanceTimersByTimeAsync(100);
  await expect.poll(() => heard.length).toBe(2);
  expect(heard[1]).toEqual({ frame: 'control', control: { type: 'content-end', total: 700 } });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(heard).toHaveLength(2);
  ending.abort(new Error('over'));
});

test('the end of what was announced is not told', async () => {
  const growth = {
    length: 700,
    isOver: true,
    more: () => Promise.resolve(0),
    release: () => undefined,
  };
  const { heard, ending } = await pumped({ content: bytes(700), growth });
  await expect.poll(() => heard.length).toBe(1);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(heard).toHaveLength(1);
  ending.abort(new Error('over'));
});

test('no more is sent than the user lets pass', async () => {
  const throttle = new TokenBucket(FRAME_CONTENT_BYTES);
  const { heard, ending } = await pumped({ content: bytes(LONG), throttle });
  await expect.poll(() => heard.length).toBe(1);
  await vi.advanceTimersByTimeAsync(700);
  expect(heard).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(400);
  await expect.poll(() => heard.length).toBe(2);
  ending.abort(new Error('over'));
});

test('nothing is read or sent any more once it is over', async () => {
  let reads = 0;
  const read = async (_: number, into: Bytes): Promise<number> => {
    reads++;
    into.fill(1);
    return await Promise.resolve(into.length);
  };
  const throttle = new TokenBucket(1_000);
  const { heard, ending, pumping } = await pumped({ content: bytes(LONG), read, throttle });
  await expect.poll(() => heard.length).toBe(1);
  await expect.poll(() => reads).toBe(3);
  ending.abort(new Error('over'));
  await expect(pumping).rejects.toThrow('over');
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect([reads, heard.length]).toEqual([3, 1]);
});

test('content that is shorter than it was said to be ends it, as does what cannot be read', async () => {
  const short = await pumped({ content: bytes(500), total: 600 });
  await expect(short.pumping).rejects.toThrow('shorter');
  const failing = await pumped({
    content: bytes(5),
    read: () => Promise.reject(new Error('disk')),
  });
  await expect(failing.pumping).rejects.toThrow('disk');
});
