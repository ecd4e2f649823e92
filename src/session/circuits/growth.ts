import type { CircuitRates, CircuitSample } from './circuit-rates.js';

/** Decides how many circuits there should be, sample by sample, if they are `worthwhile`. */
export interface Growth {
  wanted(sample: CircuitSample, rates: CircuitRates, worthwhile: number): number;
}

/** What so many circuits carried, in bytes a second. */
export interface Measured {
  readonly circuits: number;
  readonly rate: number;
}
