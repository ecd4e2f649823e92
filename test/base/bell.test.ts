import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Bell } from '../../src/base/bell.js';

const LONG_MS = 60_000;
const never = new AbortController().signal;

test('a ring wakes all who wait, and nobody who begins to wait later', async () => {
  const bell = new Bell();
  const woken: string[] = [];
  const wait = async (name: string): Promise<void> => {
    await bell.wait(LONG_MS, never);
    woken.push(name);
  };
  const both = [wait('first'), wait('second')];
  bell.ring();
  const third = wait('third');
  await Promise.all(both);
  await setImmediate();
  expect(woken).toEqual(['first', 'second']);
  bell.ring();
  await third;
});

test('who waits is woken by the time as well', async () => {
  await new Bell().wait(1, never);
});

test('who waits is woken by the signal, also by one that has aborted before', async () => {
  const ending = new AbortController();
  const waiting = new Bell().wait(LONG_MS, ending.signal);
  ending.abort();
  await waiting;
  await new Bell().wait(LONG_MS, ending.signal);
});

test('who waits again in the same turn is not woken twice by one ring', async () => {
  const bell = new Bell();
  let times = 0;
  const ending = new AbortController();
  const waiting = (async () => {
    while (!ending.signal.aborted) {
      await bell.wait(LONG_MS, ending.signal);
      times++;
    }
  })();
  bell.ring();
  await setImmediate();
  expect(times).toBe(1);
  ending.abort();
  await waiting;
});
