import { DEFAULT_HTTP_LIMITS, type HttpLimits } from '../../onion-http/limits.js';

/** Limits of a web server that serves pages to visitors. */
export interface WebLimits extends HttpLimits {
  /** Connections whose upload or download makes no progress for this long are closed. */
  readonly stalledMs: number;
}

export const DEFAULT_WEB_LIMITS: WebLimits = {
  ...DEFAULT_HTTP_LIMITS,
  // A visitor who downloads many files at once does so through one circuit.
  connectionsPerCircuit: 256,
  // Tor needs less to replace a circuit, and an interrupted download can be resumed.
  stalledMs: 5 * 60_000,
};
