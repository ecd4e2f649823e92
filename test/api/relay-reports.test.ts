import { expect, onTestFinished, test, vi } from 'vitest';
import type { FerryEvent } from '../../src/api/events.js';
import { RelayReports } from '../../src/api/relay-reports.js';
import { Tally } from '../../src/relay/server/tally.js';

test('what a relay does is told at once, later only if it has changed, and at the end', () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const tally = new Tally();
  const told: FerryEvent[] = [];
  const reports = new RelayReports({
    emit: (event) => told.push(event),
    counts: () => tally.counts(0, 1, 10),
    everyMs: 1000,
  });
  expect(told).toMatchObject([{ event: 'relay', bytes: 0, placesFree: 9, refusals: {} }]);
  vi.advanceTimersByTime(5000);
  expect(told).toHaveLength(1);
  tally.bytes = 5;
  tally.refused('too-many');
  // It tells of an end, which is no refusal.
  tally.refused('channel-closed');
  vi.advanceTimersByTime(1000);
  expect(told.slice(1)).toMatchObject([{ bytes: 5, refusals: { 'too-many': 1 } }]);
  tally.bytes = 6;
  reports[Symbol.dispose]();
  expect(told.slice(2)).toMatchObject([{ bytes: 6 }]);
  vi.advanceTimersByTime(5000);
  expect(told).toHaveLength(3);
});
