import { CircuitRates, type CircuitSample } from '../../../src/session/circuits/circuit-rates.js';

export interface Carrying {
  readonly number: number;
  readonly ageMs: number;
  /** Bytes a second. */
  readonly rate: number;
}

/** What is seen of circuits that have carried so much each for the last second. */
export function measured(
  now: number,
  circuits: readonly Carrying[],
  missing: number | null = null,
): { sample: CircuitSample; rates: CircuitRates } {
  const rates = new CircuitRates();
  const streams = circuits.map(({ number, ageMs }) => ({ number, since: now - ageMs, bytes: 0 }));
  rates.note({ now: now - 1000, bytes: 0, missing, streams });
  const bytes = circuits.reduce((sum, { rate }) => sum + rate, 0);
  const after = streams.map((stream, i) => ({ ...stream, bytes: circuits[i]?.rate ?? 0 }));
  const sample = { now, bytes, missing, streams: after };
  rates.note(sample);
  return { sample, rates };
}

/** Circuits from this number on, one for each rate, all of the same age. */
export function carrying(each: readonly number[], ageMs: number, first = 1): Carrying[] {
  return each.map((rate, i) => ({ number: first + i, ageMs, rate }));
}
