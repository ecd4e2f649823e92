import { afterEach, expect, test, vi } from 'vitest';
import type { FerryEvent } from '../../src/api/events.js';
import { ProgressMeter } from '../../src/api/progress.js';

afterEach(() => vi.useRealTimers());

function told(total: number | null, work: (meter: ProgressMeter) => void): unknown[] {
  const events: FerryEvent[] = [];
  work(new ProgressMeter((event) => events.push(event), total));
  return events.map((event) => (event.event === 'progress' ? event.bytes : event.event));
}

test('the end is reported once', () => {
  const early = told(10, (meter) => {
    meter.update(10);
    meter.update(10);
    meter.finish(10);
  });
  expect(early).toEqual([10]);
  const late = told(10, (meter) => {
    meter.update(5);
    meter.update(10); // too soon after the one before
    meter.finish(10);
  });
  expect(late).toEqual([5, 10]);
});

test('a transfer of nothing, or of an unknown size, has an end as well', () => {
  expect(told(0, (meter) => meter.finish(0))).toEqual([0]);
  const unknown = told(null, (meter) => {
    meter.update(7);
    meter.finish(7);
  });
  expect(unknown).toEqual([7]);
});

test('bytes from an earlier process do not count for the rate', () => {
  vi.useFakeTimers();
  const events: FerryEvent[] = [];
  const meter = new ProgressMeter((event) => events.push(event), 10_000, 9_000);
  vi.advanceTimersByTime(1_000);
  meter.update(9_500);
  expect(events).toEqual([
    { event: 'progress', bytes: 9_500, total: 10_000, rate: 500, circuits: 1 },
  ]);
});

test('the rate is that of the last seconds, and falls while nothing arrives', () => {
  vi.useFakeTimers();
  const rates: number[] = [];
  const meter = new ProgressMeter((event) => {
    if (event.event === 'progress') rates.push(event.rate);
  }, 100_000);
  for (let second = 1; second <= 20; second++) {
    vi.advanceTimersByTime(1_000);
    meter.update(Math.min(second, 10) * 1_000);
  }
  expect(rates[9]).toBe(1_000);
  expect(rates[12]).toBeLessThan(1_000);
  expect(rates[19]).toBe(0);
});

test('the rate is neither of the first moment nor of the time without the other side', () => {
  vi.useFakeTimers();
  const rates: number[] = [];
  const meter = new ProgressMeter((event) => {
    if (event.event === 'progress') rates.push(event.rate);
  }, 100_000);
  vi.advanceTimersByTime(2);
  meter.update(1_000);
  vi.advanceTimersByTime(60_000);
  meter.goOn();
  vi.advanceTimersByTime(1_000);
  meter.update(3_000);
  expect(rates).toEqual([1_000, 2_000]);
});

test('the end reports the most circuits at once', () => {
  const meter = new ProgressMeter(() => undefined, null);
  for (const circuits of [4, 16, 2]) meter.setCircuits(circuits);
  expect(meter.finish(1).circuits).toBe(16);
});
