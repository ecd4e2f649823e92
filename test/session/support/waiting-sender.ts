import { vi } from 'vitest';
import { OnionferryError } from '../../../src/base/errors.js';
import { resumptionSecret } from '../../../src/pake/resumption.js';
import type { GuessLimit } from '../../../src/session/meeting/guess-limit.js';
import { SenderParticipant } from '../../../src/session/meeting/sender-participant.js';
import {
  type Confirmed,
  type MeetOptions,
  SenderWait,
} from '../../../src/session/meeting/sender-wait.js';
import { CHANNEL, ONION, RESUMPTION } from './parties.js';
import { ShownChannel } from './shown-channel.js';

const place = { onion: ONION, channel: CHANNEL, curve: 'p256' } as const;
export const secret = resumptionSecret(RESUMPTION, place);
export const other = resumptionSecret(
  RESUMPTION.map((byte) => byte ^ 1),
  place,
);
export const refusal = (
  code: 'ERR_RELAY' | 'ERR_RELAY_BUSY' | 'ERR_ATTEMPT_ENDED',
): OnionferryError => new OnionferryError(code, 'no');

interface World {
  readonly relay: ShownChannel;
  readonly wait: SenderWait;
  readonly seen: string[];
  readonly guesses: GuessLimit & { left: number };
  /** Begins to wait for a recipient; what came of it so far. */
  readonly meets: (options?: MeetOptions) => { met?: Confirmed; failure?: unknown };
}

export async function world({
  guesses: left = 5,
  intervalMs = 10_000,
  listens = true,
} = {}): Promise<World> {
  const relay = new ShownChannel();
  const seen: string[] = [];
  const guesses = {
    left,
    intervalMs,
    tryTake: () => guesses.left > 0 && guesses.left-- > 0,
    giveBack: () => {
      guesses.left++;
    },
  };
  const onPeer = (state: string): void => void seen.push(state);
  const options = { relay, ...place, guesses, ...(listens && { onPeer }) };
  const participant = new SenderParticipant(options);
  await participant.join();
  const wait = new SenderWait(options, participant, secret);
  const meets: World['meets'] = (call) => {
    const outcome: { met?: Confirmed; failure?: unknown } = {};
    wait.meet(call).then(
      (met) => (outcome.met = met),
      (failure: unknown) => (outcome.failure = failure),
    );
    return outcome;
  };
  return { relay, wait, seen, guesses, meets };
}

export const passes = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
