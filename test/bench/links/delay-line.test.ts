import { expect, test } from 'vitest';
import { DelayLine } from './delay-line.js';

/** A moment that the machine may take; never the other way round. */
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

test('everything comes in the order in which it was put in, and not before its time', async () => {
  const line = new DelayLine(20);
  const came: { number: number; after: number }[] = [];
  const all: Promise<void>[] = [];
  for (let number = 0; number < 50; number++) {
    const start = performance.now();
    all.push(
      new Promise((resolve) => {
        line.put(() => {
          came.push({ number, after: performance.now() - start });
          resolve();
        });
      }),
    );
    if (number % 10 === 0) await sleep(3);
  }
  await Promise.all(all);
  expect(came.map(({ number }) => number)).toEqual(Array.from({ length: 50 }, (_, i) => i));
  expect(Math.min(...came.map(({ after }) => after))).toBeGreaterThanOrEqual(20);
});

test('what is put in while others are delivered waits its own time', async () => {
  const line = new DelayLine(5);
  const second = new Promise<number>((resolve) => {
    line.put(() => {
      const start = performance.now();
      line.put(() => resolve(performance.now() - start));
    });
  });
  expect(await second).toBeGreaterThanOrEqual(5);
});
