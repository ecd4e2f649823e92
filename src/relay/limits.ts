import { DEFAULT_HTTP_LIMITS, type HttpLimits } from '../onion-http/limits.js';

/**
 * What one relay gives at most. Every value can be set; the reasons are for the defaults. README.md
 * says which of them holds which flooder.
 */
export interface RelayLimits extends HttpLimits {
  /**
   * Live channels and pairs: some 24 KB each while nothing happens. More than a flooder keeps with the
   * connections that there are.
   */
  readonly channels: number;
  /**
   * Live channels opened through one circuit, and pairs made in them: for each recipient at a time a
   * sender needs a pair and a channel to reconnect in.
   */
  readonly channelsPerCircuit: number;
  /** Live pairs made in one channel: recipients that its sender serves at once. */
  readonly pairs: number;
  /**
   * Unconfirmed recipients of one channel, about 1 KB each; also bounds its long polls. More than
   * there are connections, so that connecting is what costs a flooder.
   */
  readonly recipients: number;
  /** Of those, how many have an attempt; the others wait for theirs. */
  readonly joinedAttempts: number;
  /** Answers that a sender sees at a time: it judges these next. */
  readonly shownAnswers: number;
  /** Recipients of one channel through one circuit: one, and one that has been restarted. */
  readonly recipientsPerCircuit: number;
  /** Attempts of one channel that wait for a recipient. */
  readonly postedAttempts: number;
  /** A recipient that writes no y ends after this long: a person has typed the password before joining. */
  readonly silentMs: number;
  /** A younger recipient is never removed for another: a round trip over a slow circuit. */
  readonly graceMs: number;
  /** A recipient without a connection ends after this long: time to connect again. */
  readonly goneMs: number;
  /** A pair that is silent for this long ends, with its streams: time to reconnect. */
  readonly idleMs: number;
  /** A channel whose sender is silent for this long ends: a sender asks again every minute. */
  readonly senderIdleMs: number;
  /** The same without a connection: one whose tor was restarted joins again, anew if need be. */
  readonly senderGoneMs: number;
  /** A channel or pair older than this ends, unless bytes are flowing through it. */
  readonly lifetimeMs: number;
  /** Streams of one participant, waiting or joined. */
  readonly streams: number;
  /** Streams of one participant before its attempt is confirmed. */
  readonly streamsBeforeConfirmation: number;
  /** Live circuits of one participant besides one for each of its streams: HTTP, and one dying. */
  readonly extraCircuits: number;
  /** Live circuits of one participant before its attempt is confirmed. */
  readonly circuitsBeforeConfirmation: number;
  /** A confirmed stream whose other side does not come within this time is refused. */
  readonly pairMs: number;
  /** What one side has sent may take this long to drain after that side has closed. */
  readonly lingerMs: number;
  /** A request's body in bytes: the largest legal one has a name of 512 bytes and two shares. */
  readonly bodyBytes: number;
}

export const DEFAULT_RELAY_LIMITS: RelayLimits = {
  ...DEFAULT_HTTP_LIMITS,
  // On two ports. Two dozen transfers of many streams; Node takes as many files as the system allows.
  connections: 960,
  // One participant's streams, on circuits of their own, and its requests.
  connectionsPerCircuit: 48,
  requestMs: 20_000,
  channels: 10_000,
  channelsPerCircuit: 32,
  pairs: 64,
  recipients: 512,
  joinedAttempts: 128,
  shownAnswers: 4,
  recipientsPerCircuit: 2,
  postedAttempts: 16,
  silentMs: 60_000,
  graceMs: 10_000,
  goneMs: 10_000,
  idleMs: 10 * 60_000,
  senderIdleMs: 2 * 60_000,
  senderGoneMs: 60_000,
  lifetimeMs: 24 * 60 * 60_000,
  streams: 32,
  streamsBeforeConfirmation: 3,
  extraCircuits: 2,
  circuitsBeforeConfirmation: 4,
  pairMs: 60_000,
  lingerMs: 30_000,
  bodyBytes: 4096,
};
