import { expect, test } from 'vitest';
import { type Clock, TokenBucket } from '../../src/stream/token-bucket.js';

/** A clock on which time passes only while somebody sleeps. */
function fakeClock(): Clock & { at: number } {
  const clock = {
    at: 0,
    now: () => clock.at,
    sleep: (ms: number) => {
      clock.at += ms;
      return Promise.resolve();
    },
  };
  return clock;
}

test('as many bytes pass as the rate allows, after a quarter of a second at once', async () => {
  const clock = fakeClock();
  const bucket = new TokenBucket(1_000_000, clock);
  for (let piece = 0; piece < 100; piece++) await bucket.take(100_000);
  // 10 MB, of which 250 kB are the burst and 100 kB still owed.
  expect(clock.at).toBeGreaterThanOrEqual(9_600);
  expect(clock.at).toBeLessThanOrEqual(9_800);
});

test('a pause saves up no more than the burst', async () => {
  const clock = fakeClock();
  const bucket = new TokenBucket(1_000_000, clock);
  clock.at = 60_000;
  for (let piece = 0; piece < 20; piece++) await bucket.take(100_000);
  expect(clock.at - 60_000).toBeGreaterThanOrEqual(1_600);
});

test('all who share it share the rate, in the order in which they came', async () => {
  const clock = fakeClock();
  const bucket = new TokenBucket(1_000_000, clock);
  const passed: number[] = [];
  const streams = [0, 1, 2, 3];
  await Promise.all(streams.map((stream) => bucket.take(500_000).then(() => passed.push(stream))));
  expect(passed).toEqual(streams);
  expect(clock.at).toBeGreaterThanOrEqual(1_250);
});

test('who gives up holds nobody up', async () => {
  const clock = fakeClock();
  const bucket = new TokenBucket(1000, clock);
  const gone = AbortSignal.abort(new Error('gone'));
  await expect(bucket.take(1_000_000, gone)).rejects.toThrow('gone');
  await bucket.take(10);
  expect(clock.at).toBe(0);
});

test('nobody waits for what has not been taken, down to the last byte', async () => {
  const clock = fakeClock();
  const bucket = new TokenBucket(1000, clock);
  await bucket.take(250);
  await bucket.take(5);
  expect(clock.at).toBe(0);
  await bucket.take(1);
  expect(clock.at).toBe(5);
});
