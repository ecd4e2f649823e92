import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { FerryEvent } from '../../src/api/events.js';
import { Visits } from '../../src/api/visits.js';

function visits(): { visits: Visits; events: FerryEvent[] } {
  const events: FerryEvent[] = [];
  return { visits: new Visits((event) => void events.push(event)), events };
}

describe('visitors', () => {
  test('are told of once for each circuit', () => {
    const { visits: told, events } = visits();
    for (const circuit of [7, 7, 8, 7, undefined, undefined]) told.entered(circuit);
    expect(events).toEqual([1, 2, 3].map((visitors) => ({ event: 'visit', visitors })));
  });

  test('are remembered up to a bound, the latest longest', () => {
    const { visits: told, events } = visits();
    for (let circuit = 0; circuit <= 4096; circuit++) told.entered(circuit);
    const before = events.length;
    told.entered(4096);
    expect(events).toHaveLength(before);
    told.entered(0);
    expect(events).toHaveLength(before + 1);
  });
});

describe('wrong passwords', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('are told of at once, then together every five seconds, and at the end', () => {
    const { visits: told, events } = visits();
    for (let time = 0; time < 1000; time++) told.refused();
    expect(events).toEqual([{ event: 'refused', attempts: 1, total: 1 }]);
    vi.advanceTimersByTime(5_000);
    expect(events.at(-1)).toEqual({ event: 'refused', attempts: 999, total: 1000 });
    vi.advanceTimersByTime(60_000);
    expect(events).toHaveLength(2);
    told.refused();
    told.refused();
    told[Symbol.dispose]();
    expect(events.slice(2)).toEqual([
      { event: 'refused', attempts: 1, total: 1001 },
      { event: 'refused', attempts: 1, total: 1002 },
    ]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
