import { afterEach, expect, test, vi } from 'vitest';
import type { Bytes } from '../../../src/base/bytes.js';
import {
  type UploadProgress,
  UploadsUnderWay,
  type Watched,
} from '../../../src/pages/inbox/uploads-under-way.js';

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

import { file, runningInbox, upload } from './running-inbox.js';
import { created, tus } from './tus-visitor.js';

/** Watches pieces that come after so many milliseconds each. */
async function watched(waits: readonly number[], isWhole = true): Promise<UploadProgress[]> {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] });
  const told: UploadProgress[] = [];
  const underWay = new UploadsUnderWay((upload) => told.push(upload));
  let bytes = 0;
  async function* pieces(): AsyncGenerator<Bytes> {
    for (const wait of waits) {
      await vi.advanceTimersByTimeAsync(wait);
      bytes += 10;
      yield new Uint8Array(10);
    }
  }
  const what: Watched = {
    ...{ name: 'a\u001b[2J', total: 40, bytes: () => bytes, isWhole: () => isWhole },
  };
  let passed = 0;
  for await (const piece of underWay.watch(pieces(), what, performance.now())) {
    passed += piece.length;
  }
  expect(passed).toBe(10 * waits.length);
  await vi.advanceTimersByTimeAsync(60_000);
  underWay[Symbol.dispose]();
  return told;
}

const name = 'a\\u{1b}[2J';

test('the owner hears of an upload that takes longer than a second, not of each piece', async () => {
  expect(await watched([900, 200, 100, 600])).toEqual([
    { name, bytes: 20, total: 40, isStopped: false },
    { name, bytes: 40, total: 40, isStopped: false },
  ]);
});

test('what is over within a second is told only when it is saved, even if it broke off', async () => {
  expect(await watched([100, 100], false)).toEqual([]);
});

test('that an upload has stopped is told once, after a while', async () => {
  expect(await watched([1100], false)).toEqual([
    { name, bytes: 10, total: 40, isStopped: false },
    { name, bytes: 10, total: 40, isStopped: true },
  ]);
});

test('of a short upload that breaks off after a long one nobody is told', async () => {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] });
  const told: UploadProgress[] = [];
  using underWay = new UploadsUnderWay((upload) => told.push(upload));
  const send = async (file: string, ms: number, isWhole: boolean): Promise<void> => {
    async function* content(): AsyncGenerator<Bytes> {
      await vi.advanceTimersByTimeAsync(ms);
      yield new Uint8Array(10);
    }
    const what = { name: file, total: 10, bytes: () => 10, isWhole: () => isWhole };
    let passed = 0;
    for await (const piece of underWay.watch(content(), what, performance.now())) {
      passed += piece.length;
    }
    expect(passed).toBe(10);
  };
  await send('long', 1100, true);
  await send('short', 100, false);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(told).toEqual([{ name: 'long', bytes: 10, total: 10, isStopped: false }]);
  // One in between does not make it forgotten that a long one has stopped, nor told twice.
  await send('broken', 1100, false);
  await send('short', 100, false);
  await vi.advanceTimersByTimeAsync(60_000);
  await send('short', 100, false);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(told.slice(1)).toEqual([
    { name: 'broken', bytes: 10, total: 10, isStopped: false },
    { name: 'broken', bytes: 10, total: 10, isStopped: true },
  ]);
});

/** For what reads it, two seconds pass each time. */
function everythingTakesLong(): void {
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => (now += 2_000));
}

test('an inbox tells of a form, by what has come of all its files', async () => {
  const onUploading = vi.fn();
  const inbox = await runningInbox({ onUploading });
  everythingTakesLong();
  expect((await upload(inbox, file('one', 'abc'), file('two', 'de'))).status).toBe(200);
  const total = expect.any(Number) as number;
  expect(onUploading.mock.calls).toEqual([
    [{ name: 'one', bytes: 3, total, isStopped: false }],
    [{ name: 'two', bytes: 5, total, isStopped: false }],
  ]);
});

test('an inbox tells of a file that comes in pieces, by what has arrived of it', async () => {
  const onUploading = vi.fn();
  const { web } = await runningInbox({ onUploading });
  const path = await created(web, 10, { filename: 'long.iso' });
  everythingTakesLong();
  for (const [at, body] of [
    [0, 'abcd'],
    [4, 'efghij'],
  ] as const) {
    const headers = {
      'upload-offset': String(at),
      'content-type': 'application/offset+octet-stream',
    };
    expect((await tus(web, { method: 'PATCH', path, headers, body })).status).toBe(204);
  }
  const calls: unknown = onUploading.mock.calls.at(-1);
  expect(calls).toEqual([{ name: 'long.iso', bytes: 4, total: 10, isStopped: false }]);
});
