import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Coverage } from '../../../src/pages/share/downloads.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { ask, open } from '../support/serving.js';
import { sharing } from './sharing.js';

/** More than two sockets and their buffers hold. */
const LARGE_BYTES = 16 * 1024 * 1024;

async function folderOf(files: Record<string, number>): Promise<string> {
  const folder = join(await temporaryDirectory(), 'shared');
  await mkdir(folder);
  for (const [name, size] of Object.entries(files)) {
    await writeFile(join(folder, name), randomBytes(size));
  }
  return folder;
}

test('a representation counts as downloaded as often as its least delivered byte', () => {
  const size = 20;
  const range = fc.tuple(fc.nat({ max: size - 1 }), fc.integer({ min: 1, max: size }));
  fc.assert(
    fc.property(fc.array(range, { maxLength: 60 }), (ranges) => {
      const coverage = new Coverage(size);
      const times = new Array<number>(size).fill(0);
      let told = 0;
      for (const [start, length] of ranges) {
        const end = Math.min(size, start + length);
        for (let at = start; at < end; at++) times[at] = (times[at] ?? 0) + 1;
        told += coverage.add({ start, end });
        expect(told).toBe(Math.min(...times));
      }
    }),
  );
});

test('requests for every second byte do not fill memory', () => {
  const coverage = new Coverage(1_000_000);
  for (let at = 0; at < 10_000; at += 2) coverage.add({ start: at, end: at + 1 });
  expect(coverage.add({ start: 0, end: 1_000_000 })).toBe(1);
});

test('nothing is served after the last allowed download', async () => {
  const folder = await folderOf({ a: 1000, b: 0 });
  const { port, told, downloads } = await sharing([folder], { limit: 3 });
  for (const path of ['/files/shared/a', '/files/shared/b']) {
    expect((await ask(port, path)).whole).toBe(true);
  }
  expect(downloads.usedUp.aborted).toBe(false);
  expect((await ask(port, '/zip/shared.zip')).whole).toBe(true);
  expect(downloads.usedUp.aborted).toBe(true);
  expect(told).toEqual(['shared/a', 'shared/b', 'shared.zip']);
  for (const path of [
    '/',
    '/files/shared/',
    '/files/shared/a',
    '/zip/shared.zip',
    '/everything.zip',
  ]) {
    const { status, body } = await ask(port, path);
    expect([status, body.toString()]).toEqual([410, 'limit-reached']);
  }
});

test('pages, HEAD requests, conditional requests and failures do not count', async () => {
  const folder = await folderOf({ a: 1000 });
  const { port, told } = await sharing([folder], { limit: 1 });
  const { headers } = await ask(port, '/files/shared/a', { method: 'HEAD' });
  const etag = headers.etag ?? '';
  await ask(port, '/');
  await ask(port, '/zip/shared.zip', { method: 'HEAD' });
  await ask(port, '/files/shared/a', { headers: { 'if-none-match': etag } });
  await ask(port, '/files/shared/a', { headers: { 'if-match': '"other"' } });
  await ask(port, '/files/shared/a', { headers: { range: 'bytes=1000-' } });
  await ask(port, '/files/shared/b');
  expect(told).toEqual([]);
  expect((await ask(port, '/files/shared/a')).status).toBe(200);
  expect(told).toEqual(['shared/a']);
});

test('one download may take several requests, and a part delivered twice counts once', async () => {
  const { port, told } = await sharing([await folderOf({ a: 1000 })], { limit: 2 });
  const fetch = (range: string): Promise<unknown> =>
    ask(port, '/files/shared/a', { headers: { range: `bytes=${range}` } });
  for (const range of ['0-499', '0-499', '250-749', '600-899']) await fetch(range);
  expect(told).toEqual([]);
  await fetch('900-');
  expect(told).toEqual(['shared/a']);
  await fetch('0-999');
  expect(told).toEqual(['shared/a', 'shared/a']);
});

test('an interrupted download does not count, and can be resumed', async () => {
  const folder = await folderOf({ a: LARGE_BYTES });
  let delivered = 0;
  const onDelivered = (bytes: number): void => void (delivered += bytes);
  const { port, told, downloads } = await sharing([folder], { limit: 1, onDelivered });
  const response = await open(port, '/files/shared/a');
  await once(response, 'data');
  response.destroy();
  const rest = await ask(port, '/files/shared/a', {
    headers: { range: `bytes=${LARGE_BYTES / 2}-` },
  });
  expect(rest.whole).toBe(true);
  expect(told).toEqual([]);
  expect(downloads.usedUp.aborted).toBe(false);
  await ask(port, '/files/shared/a', { headers: { range: `bytes=0-${LARGE_BYTES / 2 - 1}` } });
  expect([told, downloads.usedUp.aborted]).toEqual([['shared/a'], true]);
  expect(delivered).toBeGreaterThanOrEqual(LARGE_BYTES);
  expect(delivered).toBeLessThan(2 * LARGE_BYTES);
});

test('downloads that are running when the limit is reached are finished', async () => {
  const folder = await folderOf({ a: LARGE_BYTES });
  const { port, told, downloads } = await sharing([folder], { limit: 1 });
  const response = await open(port, '/files/shared/a');
  await ask(port, '/files/shared/a');
  expect(downloads.usedUp.aborted).toBe(true);
  expect((await ask(port, '/files/shared/a')).status).toBe(410);
  let got = 0;
  for await (const piece of response) got += (piece as Buffer).length;
  expect(got).toBe(LARGE_BYTES);
  expect(told).toEqual(['shared/a', 'shared/a']);
});
