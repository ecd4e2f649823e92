/** What a relay does, in numbers: nothing of whom, where, or under which name. */
export interface RelayCounts {
  /** That are open now. */
  readonly channels: number;
  /** Since the relay was started, as are all that do not say "now". */
  readonly channelsOpened: number;
  /** That a sender was refused, for whatever reason. */
  readonly channelsRefused: number;
  /** Sender and recipient that have met: transfers that run now. */
  readonly pairs: number;
  readonly pairsMade: number;
  /** Taken from one side for the other, in both directions. */
  readonly bytes: number;
  /** Wrong passwords of the relay, and names of channels that are not there. */
  readonly wrongDoors: number;
  /** Answers that senders have refused: wrong passwords of transfers, for the most part. */
  readonly failedGuesses: number;
  /** Requests and streams that were refused, by the code of the protocol. */
  readonly refusals: Readonly<Record<string, number>>;
  /** Channels and pairs there are now. */
  readonly placesTaken: number;
  readonly placesFree: number;
}
