import type { CircuitSample } from '../../../../src/session/circuits/circuit-rates.js';
import type { Flow } from './fair-share.js';

export interface HopSample extends CircuitSample {
  /** The recipient's second hop by stream, as its own tor would tell. */
  readonly hops: ReadonlyMap<number, string>;
  /** What nobody knows: by stream, all relays of its way, and how it fares at those that are full. */
  readonly flows: ReadonlyMap<number, Pick<Flow, 'path' | 'weight'>>;
}

export interface Choice {
  readonly wanted: number;
  readonly dropped: readonly number[];
}

export interface Strategy {
  readonly name: string;
  /** How many are dialled before the offer is known. */
  ahead(options: { readonly bytes: number; readonly dialMs: number }): number;
  /** Begins a transfer. */
  start(options: { readonly dialMs: number }): (sample: HopSample) => Choice;
}

const MIB = 1024 * 1024;

/** So many, or fewer where there is little to carry; those that live are kept. */
export function worthwhile(most: number, { missing, streams }: HopSample): number {
  const some = Math.max(1, Math.ceil((missing ?? Infinity) / MIB));
  return Math.max(Math.min(most, some), Math.min(most, streams.length));
}
