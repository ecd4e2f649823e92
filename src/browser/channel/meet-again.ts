import { deadline, sleep } from '../../base/deadline.js';
import { hasCode, OnionferryError } from '../../base/errors.js';
import type { OnionAddress } from '../../onion/address.js';
import type { CurveName } from '../../pake/curves/curve-name.js';
import { reconnectChannel, resumptionSecret } from '../../pake/resumption.js';
import type { GuessLimit } from '../../session/meeting/guess-limit.js';
import { isBroken } from '../stream/broken.js';
import { meetRecipient, meetSender, type PageMeeting } from './meeting.js';
import type { PageRelay } from './page-relay.js';

/** How long a page looks for the other side: longer than Tor takes to mend, and a person to wonder. */
const AWAY_MAX_MS: number = 10 * 60_000;
/** One try to find the sender in one channel. */
const TRY_MS = 30_000;
const WAIT_MS = 10_000;
const PAUSE_MS = 2_000;
/** The sender may have counted a meeting of which this side never heard. */
const STEPS: readonly number[] = [1, 2];

export interface Met {
  readonly meeting: PageMeeting;
  readonly generation: number;
}

/** Finds the same other side again after the meeting of `generation`. @throws OnionferryError ERR_PEER_GONE */
export type MeetAgain = (generation: number, signal: AbortSignal) => Promise<Met>;

export interface AgainOptions {
  readonly relay: PageRelay;
  readonly onion: OnionAddress;
  readonly curve: CurveName;
  /** Of the meeting by the words. */
  readonly resumption: Uint8Array;
}

/** Looks for the sender where it may wait. */
export function findSenderAgain({ relay, onion, curve, resumption }: AgainOptions): MeetAgain {
  return async (generation, signal) => {
    using limit = deadline(AWAY_MAX_MS, neverCame, signal);
    for (;;) {
      for (const step of STEPS) {
        const { name: channel } = reconnectChannel(resumption, generation + step);
        const secret = Promise.resolve(resumptionSecret(resumption, { onion, channel, curve }));
        using trying = deadline(TRY_MS, tooLong, limit.signal);
        try {
          const meeting = await meetSender({
            ...{ relay, onion, curve, channel, secret },
            wrong: notTheSame,
            waitMs: WAIT_MS,
            turnDeadlineMs: 0,
            signal: trying.signal,
          });
          return { meeting, generation: generation + step };
        } catch (error) {
          limit.signal.throwIfAborted();
          // What a relay says proves nothing: only the sender itself can end a transfer for good.
          if (!isBroken(error) && !hasCode(error, 'ERR_PAKE', 'ERR_PASSWORD')) throw error;
        }
      }
      await sleep(PAUSE_MS, limit.signal);
    }
  };
}

/** Nothing of the 256 random bits can be guessed, so that wrong ones need not be counted. */
const unlimited: GuessLimit = { tryTake: () => true, giveBack: () => undefined };

/** Waits where the recipient looks for the sender. */
export function awaitRecipientAgain({ relay, onion, curve, resumption }: AgainOptions): MeetAgain {
  return async (generation, signal) => {
    using limit = deadline(AWAY_MAX_MS, neverCame, signal);
    const { name: channel, nonce } = reconnectChannel(resumption, generation + 1);
    const secret = Promise.resolve(resumptionSecret(resumption, { onion, channel, curve }));
    const waiting = { relay, onion, curve, channel, nonce, secret, guesses: unlimited };
    return {
      meeting: await meetRecipient(waiting, limit.signal),
      generation: generation + 1,
    };
  };
}

function neverCame(): OnionferryError {
  return new OnionferryError('ERR_PEER_GONE', 'the other side went away and did not come back');
}

function tooLong(): OnionferryError {
  return new OnionferryError('ERR_TIMEOUT', 'the sender did not answer in time');
}

function notTheSame(cause?: unknown): OnionferryError {
  return new OnionferryError('ERR_PAKE', 'who waits there is not the sender of before', { cause });
}
