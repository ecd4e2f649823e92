import { DEFAULT_HTTP_LIMITS, type HttpLimits } from '../../onion-http/limits.js';

/** What one server of pages gives at most. */
export interface WebLimits extends HttpLimits {
  /** A client that sends nothing of its upload, or takes nothing of its download, for so long is given up. */
  readonly stalledMs: number;
}

export const DEFAULT_WEB_LIMITS: WebLimits = {
  ...DEFAULT_HTTP_LIMITS,
  // Somebody who downloads much at once, by one tor of theirs, comes through one circuit.
  connectionsPerCircuit: 256,
  // A circuit that tor replaces is silent for less; a download that is cut resumes.
  stalledMs: 5 * 60_000,
};
