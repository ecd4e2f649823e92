import type { WireCode } from '../../relay-protocol/refusal.js';

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

/** What tells that something has ended is no refusal. */
const ENDS: readonly WireCode[] = ['attempt-ended', 'channel-closed'];

/** Counts what a relay has done since it was started. */
export class Tally {
  readonly #refusals = new Map<WireCode, number>();
  channelsOpened = 0;
  channelsRefused = 0;
  pairsMade = 0;
  bytes = 0;
  wrongDoors = 0;
  failedGuesses = 0;

  refused(code: WireCode): void {
    if (ENDS.includes(code)) return;
    this.#refusals.set(code, (this.#refusals.get(code) ?? 0) + 1);
  }

  /** @param places how many channels and pairs there may be */
  counts(channels: number, pairs: number, places: number): RelayCounts {
    const { channelsOpened, channelsRefused, pairsMade, bytes, wrongDoors, failedGuesses } = this;
    const placesTaken = channels + pairs;
    return {
      ...{ channels, channelsOpened, channelsRefused, pairs, pairsMade, bytes },
      ...{ wrongDoors, failedGuesses, refusals: Object.fromEntries(this.#refusals) },
      ...{ placesTaken, placesFree: Math.max(0, places - placesTaken) },
    };
  }
}
