import { expect, test } from 'vitest';
import { deferred } from '../../src/base/deferred.js';
import { Checksums } from '../../src/zip/checksums.js';

const forever = new AbortController().signal;

test('simultaneous requests for one checksum share one read', async () => {
  const checksums = new Checksums();
  const reading = deferred<number>();
  let readings = 0;
  const read = (): Promise<number> => {
    readings++;
    return reading.promise;
  };
  const both = [checksums.of('a', read, forever), checksums.of('a', read, forever)];
  reading.resolve(5);
  expect(await Promise.all(both)).toEqual([5, 5]);
  expect(await checksums.of('a', read, forever)).toBe(5);
  expect([readings, checksums.known('a')]).toEqual([1, 5]);
});

test('an abandoned read continues, unless two others were abandoned later', async () => {
  const checksums = new Checksums();
  const signals: AbortSignal[] = [];
  const reading = deferred<number>();
  const read = (signal: AbortSignal): Promise<number> => {
    signals.push(signal);
    return reading.promise;
  };
  for (const identity of ['a', 'b', 'c']) {
    const gone = new AbortController();
    const asked = checksums.of(identity, read, gone.signal);
    gone.abort(new Error('gone'));
    await expect(asked).rejects.toThrow('gone');
  }
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, false, false]);
  const again = checksums.of('b', read, forever);
  reading.resolve(7);
  expect(await again).toBe(7);
  expect(signals).toHaveLength(3);
});

test('a failed read is tried again', async () => {
  const checksums = new Checksums();
  const failing = checksums.of('a', () => Promise.reject(new Error('gone')), forever);
  await expect(failing).rejects.toThrow('gone');
  expect(await checksums.of('a', () => Promise.resolve(1), forever)).toBe(1);
});

test('the end of a share ends all reads', async () => {
  const ending = new AbortController();
  const checksums = new Checksums(ending.signal);
  const read = (signal: AbortSignal): Promise<number> =>
    new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(new Error('ended')), { once: true });
    });
  const asked = checksums.of('a', read, forever);
  ending.abort();
  await expect(asked).rejects.toThrow('ended');
});
