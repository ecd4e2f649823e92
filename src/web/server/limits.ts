import { DEFAULT_RELAY_LIMITS, type RelayLimits } from '../../relay/limits.js';

/** What one server of pages gives at most. Doors and circuits are as a relay's. */
export interface WebLimits
  extends Pick<
    RelayLimits,
    | 'headMs'
    | 'keepAliveMs'
    | 'connections'
    | 'connectionsPerCircuit'
    | 'newcomers'
    | 'doorDelayMs'
    | 'doorsPending'
    | 'wrongDoors'
    | 'wrongDoorsMs'
  > {
  /** A client that sends nothing of its upload, or takes nothing of its download, for so long is given up. */
  readonly stalledMs: number;
}

export const DEFAULT_WEB_LIMITS: WebLimits = {
  headMs: DEFAULT_RELAY_LIMITS.headMs,
  // A person reads a page meanwhile; the next click must not wait for a new stream.
  keepAliveMs: DEFAULT_RELAY_LIMITS.keepAliveMs,
  // With one open file for each the descriptors of many systems, 1,024, are enough.
  connections: 480,
  // Whoever downloads much at once, by one tor of theirs, comes through one circuit.
  connectionsPerCircuit: 256,
  doorDelayMs: DEFAULT_RELAY_LIMITS.doorDelayMs,
  doorsPending: DEFAULT_RELAY_LIMITS.doorsPending,
  wrongDoors: DEFAULT_RELAY_LIMITS.wrongDoors,
  wrongDoorsMs: DEFAULT_RELAY_LIMITS.wrongDoorsMs,
  newcomers: DEFAULT_RELAY_LIMITS.newcomers,
  // A circuit that tor replaces is silent for less; a download that is cut resumes.
  stalledMs: 5 * 60_000,
};
