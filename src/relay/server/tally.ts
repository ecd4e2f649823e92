import type { WireCode } from '../../relay-protocol/refusal.js';
import type { RelayCounts } from './relay-counts.js';

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
