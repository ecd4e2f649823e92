/**
 * What one onion service gives at most over HTTP. Every value can be set; the reasons are for the
 * defaults. README.md says which of them holds which flooder.
 */
export interface HttpLimits {
  /** A PROXY line or a request's header takes at most this long to arrive. */
  readonly headMs: number;
  /** A whole request with its body takes at most this long to arrive; 0: as long as it moves. */
  readonly requestMs: number;
  /** A client that sends nothing of its upload, or takes nothing of its download, is closed after this long. */
  readonly stalledMs: number;
  /** A kept-alive connection is closed after this long without a request; longer than any poll. */
  readonly keepAliveMs: number;
  /** Connections on all ports: file descriptors are the scarcest thing (1,024 on many systems). */
  readonly connections: number;
  /** Connections of one circuit. */
  readonly connectionsPerCircuit: number;
  /** Connections that have not shown the right password yet; beyond it the oldest is closed. */
  readonly unauthenticated: number;
  /** Of the connections, so many are left to those that have not shown the right password yet. */
  readonly newcomers: number;
  /** Connections of one circuit that are kept between requests; beyond it the longest idle is closed. */
  readonly keptPerCircuit: number;
  /** A wrong password is refused after this long. */
  readonly accessDelayMs: number;
  /** Refusals that wait to be sent; beyond it their connections are closed at once. */
  readonly delayedRefusals: number;
  /** After this many failures a circuit gets no more answers; a person would have given up before. */
  readonly authenticationFailures: number;
  /** Then it is closed after this long: longer than accessDelayMs, so that its last reply leaves first. */
  readonly lastReplyMs: number;
  /** A circuit is forgotten this long after its last failure. */
  readonly authenticationFailuresMs: number;
  /** Wrong passwords that are judged at once, over all circuits. */
  readonly guessBurst: number;
  /** After the burst one more is judged in this time. */
  readonly guessEveryMs: number;
  /** One that is not judged by then is sent away. */
  readonly guessWaitMs: number;
}

export const DEFAULT_HTTP_LIMITS: HttpLimits = {
  headMs: 10_000,
  // An upload may take hours.
  requestMs: 0,
  // tor replaces a broken circuit in less; a download that is cut can be resumed.
  stalledMs: 5 * 60_000,
  // A person reads a page meanwhile; the next click must not wait for a new stream.
  keepAliveMs: 2 * 60_000,
  connections: 480,
  // Many downloads at once by one client come through one circuit.
  connectionsPerCircuit: 256,
  // Knowing only the address must not be enough to keep others out. More than come through a few
  // circuits: a client's burst, whose requests follow a moment later, must not close itself.
  unauthenticated: 300,
  newcomers: 64,
  // Browsers keep six.
  keptPerCircuit: 8,
  accessDelayMs: 1000,
  delayedRefusals: 128,
  authenticationFailures: 10,
  // A second for the way through tor, which drops what still waits on a circuit that it closes.
  lastReplyMs: 2_000,
  authenticationFailuresMs: 10 * 60_000,
  // More new circuits than tor lets in at once when many come (POW_QUEUE_RATE, 5 a second): somebody
  // with the right password and a new circuit hardly waits. 864,000 guesses a day.
  guessBurst: 50,
  guessEveryMs: 100,
  guessWaitMs: 30_000,
};
