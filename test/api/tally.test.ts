import { afterEach, expect, test, vi } from 'vitest';
import type { FerryEvent } from '../../src/api/events.js';
import { Tally } from '../../src/api/progress.js';

afterEach(() => vi.useRealTimers());

test('what pages deliver is reported as it goes, file by file, and at the end', () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const events: FerryEvent[] = [];
  const tally = new Tally((event) => events.push(event));
  vi.advanceTimersByTime(60_000);
  tally.addProgress(100);
  vi.advanceTimersByTime(1000);
  tally.addProgress(900);
  tally.addFile({ path: 'a', bytes: 1000 });
  vi.advanceTimersByTime(60_000);
  const summary = { bytes: 1000, files: 1, seconds: 1, circuits: 1 };
  expect(tally.finish()).toEqual(summary);
  expect(events).toEqual([
    { event: 'progress', bytes: 100, total: null, rate: 0, circuits: 1 },
    { event: 'progress', bytes: 1000, total: null, rate: 900, circuits: 1 },
    { event: 'file', path: 'a', bytes: 1000 },
    { event: 'done', ...summary },
  ]);
});

test('what travels twice counts once at the end, and what nobody has whole does not', () => {
  const tally = new Tally(() => undefined);
  tally.addCarried(1200);
  tally.addFile({ path: 'a', bytes: 1000 });
  tally.addCarried(500);
  expect(tally.finish()).toMatchObject({ bytes: 1000, files: 1, circuits: 1 });
  tally.addContent(300);
  expect(tally.finish()).toMatchObject({ bytes: 1300, files: 1 });
});

test('without visitors, no time has passed', () => {
  const events: FerryEvent[] = [];
  const tally = new Tally((event) => events.push(event));
  expect(tally.finish()).toEqual({ bytes: 0, files: 0, seconds: 0, circuits: 0 });
  expect(events.map(({ event }) => event)).toEqual(['done']);
});
