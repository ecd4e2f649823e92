/** What one HTTP server behind an onion gives at most. Every value can be set; the reasons are for the defaults. */
export interface HttpLimits {
  /** A PROXY line or a request's header takes at most this long to arrive. */
  readonly headMs: number;
  /** A kept-alive connection is closed after this long without a request; longer than any poll. */
  readonly keepAliveMs: number;
  /** Connections of one port: file descriptors are the scarcest thing (1,024 on many systems). */
  readonly connections: number;
  /** Connections that have not shown the right key yet; beyond it the oldest is closed. */
  readonly unauthenticated: number;
  /** Connections of one circuit. */
  readonly connectionsPerCircuit: number;
  /** A refusal is sent after this long. */
  readonly accessDelayMs: number;
  /** Refusals that wait to be sent; beyond it their connections are closed at once. */
  readonly delayedRefusals: number;
  /** After so many failures a circuit is not answered any more: a person has given up before. */
  readonly authenticationFailures: number;
  /** So long after its last failure a circuit is forgotten. */
  readonly authenticationFailuresMs: number;
}

export const DEFAULT_HTTP_LIMITS: HttpLimits = {
  headMs: 10_000,
  // A person reads a page meanwhile; the next click must not wait for a new stream.
  keepAliveMs: 2 * 60_000,
  connections: 480,
  // Somebody who knows only the address must not keep the others out. More than come through some
  // circuits: a burst of theirs, whose requests come a moment later, must not close itself.
  unauthenticated: 300,
  connectionsPerCircuit: 48,
  accessDelayMs: 1000,
  delayedRefusals: 128,
  authenticationFailures: 10,
  authenticationFailuresMs: 10 * 60_000,
};
