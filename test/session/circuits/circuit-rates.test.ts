import { describe, expect, test } from 'vitest';
import { CircuitRates, type CircuitSample } from '../../../src/session/circuits/circuit-rates.js';

type Came = Readonly<Record<number, number>>;

/** Of circuits that live since they are seen first, and what came over each until now. */
function ratesOf(...samples: readonly (readonly [now: number, came: Came])[]): CircuitRates {
  const rates = new CircuitRates();
  const since = new Map<number, number>();
  const latest = new Map<number, number>();
  for (const [now, came] of samples) {
    const streams = Object.entries(came).map(([name, bytes]) => {
      const number = Number(name);
      if (!since.has(number)) since.set(number, now);
      latest.set(number, bytes);
      return { number, since: since.get(number) ?? now, bytes };
    });
    const bytes = [...latest.values()].reduce((sum, each) => sum + each, 0);
    const sample: CircuitSample = { now, bytes, missing: null, streams };
    rates.note(sample);
  }
  return rates;
}

describe('what all circuits carry together', () => {
  test('is what came in the last second', () => {
    const rates = ratesOf(
      [0, { 0: 0 }],
      [500, { 0: 500 }],
      [1000, { 0: 1500 }],
      [2000, { 0: 4000 }],
    );
    expect(rates.total).toBe(2500);
    expect(ratesOf([0, { 0: 7 }], [500, { 0: 57 }]).total).toBe(100);
  });

  test('counts those that have ended meanwhile', () => {
    expect(ratesOf([0, { 0: 0, 1: 0 }], [500, { 0: 100, 1: 900 }], [1000, { 0: 200 }]).total).toBe(
      1100,
    );
  });

  test('is nothing as long as nothing can be said', () => {
    expect(new CircuitRates().total).toBe(0);
    expect(ratesOf([5000, { 0: 100 }]).total).toBe(0);
    expect(ratesOf([5000, { 0: 100 }], [5000, { 0: 200 }]).total).toBe(0);
    // Nobody has looked for longer than the second that counts.
    expect(ratesOf([0, { 0: 0 }], [1001, { 0: 1001 }]).total).toBe(0);
  });
});

describe('what each circuit carries', () => {
  test('is what came over it in the last three seconds, slowest first', () => {
    const rates = ratesOf(
      [0, { 0: 0, 1: 0, 2: 0 }],
      [1000, { 0: 9000, 1: 100, 2: 500 }],
      [2500, { 0: 9500, 1: 200, 2: 600 }],
      [4000, { 0: 12_000, 1: 400, 2: 3500 }],
    );
    expect(rates.each).toEqual([
      { number: 1, ageMs: 4000, rate: 100 },
      { number: 0, ageMs: 4000, rate: 1000 },
      { number: 2, ageMs: 4000, rate: 1000 },
    ]);
  });

  test('begins with nothing for one that came meanwhile, and ends with a circuit', () => {
    const rates = ratesOf(
      [0, { 0: 0, 1: 0 }],
      [1000, { 0: 500, 3: 0 }],
      [2000, { 0: 600, 3: 4000 }],
    );
    expect(rates.each).toEqual([
      { number: 0, ageMs: 2000, rate: 300 },
      { number: 3, ageMs: 1000, rate: 2000 },
    ]);
  });

  test('is known once some time has passed', () => {
    expect(new CircuitRates().each).toEqual([]);
    expect(ratesOf([1000, { 0: 100 }]).each).toEqual([]);
    expect(ratesOf([1000, { 0: 100 }], [1000, { 0: 200 }]).each).toEqual([]);
  });
});
