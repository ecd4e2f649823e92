import { expect, test } from 'vitest';
import type { FerryEvent } from '../../src/api/events.js';
import { ProgressMeter } from '../../src/api/progress.js';

function told(total: number | null, work: (meter: ProgressMeter) => void): unknown[] {
  const events: FerryEvent[] = [];
  work(new ProgressMeter((event) => events.push(event), total));
  return events.map((event) => (event.event === 'progress' ? event.bytes : event.event));
}

test('the end is told once, whoever tells it first', () => {
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
