import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Notifier } from '../../src/base/notifier.js';

const LONG_MS = 60_000;
const never = new AbortController().signal;

test('a ring wakes all who wait, and nobody who begins to wait later', async () => {
  const notifier = new Notifier();
  const woken: string[] = [];
  const wait = async (name: string): Promise<void> => {
    await notifier.wait(LONG_MS, never);
    woken.push(name);
  };
  const both = [wait('first'), wait('second')];
  notifier.notify();
  const third = wait('third');
  await Promise.all(both);
  await setImmediate();
  expect(woken).toEqual(['first', 'second']);
  notifier.notify();
  await third;
});

test('who waits is woken by the time as well', async () => {
  await new Notifier().wait(1, never);
});

test('who waits is woken by the signal, also by one that has aborted before', async () => {
  const ending = new AbortController();
  const waiting = new Notifier().wait(LONG_MS, ending.signal);
  ending.abort();
  await waiting;
  await new Notifier().wait(LONG_MS, ending.signal);
});

test('who waits again in the same turn is not woken twice by one ring', async () => {
  const notifier = new Notifier();
  let times = 0;
  const ending = new AbortController();
  const waiting = (async () => {
    while (!ending.signal.aborted) {
      await notifier.wait(LONG_MS, ending.signal);
      times++;
    }
  })();
  notifier.notify();
  await setImmediate();
  expect(times).toBe(1);
  ending.abort();
  await waiting;
});

test('a ring about one thing wakes those who wait for that or for everything', async () => {
  const notifier = new Notifier();
  const [one, other] = [{}, {}];
  const woken: string[] = [];
  const wait = async (name: string, about?: object): Promise<void> => {
    await notifier.wait(LONG_MS, never, about);
    woken.push(name);
  };
  const waiting = [wait('one', one), wait('other', other), wait('everything')];
  notifier.notify(one);
  await setImmediate();
  expect(woken).toEqual(['one', 'everything']);
  notifier.notify();
  await Promise.all(waiting);
  expect(woken).toEqual(['one', 'everything', 'other']);
});
