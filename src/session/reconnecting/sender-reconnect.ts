import { hasCode, OnionferryError } from '../../base/errors.js';
import { reconnectChannel, resumptionSecret } from '../../pake/resumption.js';
import type { GuessLimit } from '../meeting/guess-limit.js';
import type { CallOptions, Meeting } from '../meeting/meeting.js';
import { SenderChannel } from '../meeting/sender-meeting.js';
import { SenderParticipant } from '../meeting/sender-participant.js';
import type { Met, Reconnect, ReconnectOptions } from './reconnect.js';

export interface SenderReconnectOptions extends ReconnectOptions {
  /** The current meeting; it is ended once the next is established, or at the end. */
  readonly current?: Meeting | undefined;
}

/** Nothing of the 256 random bits can be guessed, so that wrong ones need not be counted. */
const unlimited: GuessLimit = {
  tryTake: () => true,
  giveBack: () => undefined,
  intervalMs: 0,
};

/** Holds the channel of the next generation open, in which the recipient finds the sender again. */
export function senderReconnect(options: SenderReconnectOptions): Reconnect {
  const ending = new AbortController();
  let { generation, current } = options;
  let meeting: Promise<unknown> = Promise.resolve();
  let leaving: Promise<unknown> = Promise.resolve();

  async function meetNext(call: CallOptions): Promise<Met> {
    let next: Meeting;
    try {
      const opened = await open(generation + 1, options, call);
      try {
        next = await opened.meet(call);
      } finally {
        // Met or not, nobody else is to come there, and the next call begins with a new channel.
        leaving = Promise.all([leaving, opened.close()]);
      }
    } catch (error) {
      call.signal?.throwIfAborted();
      if (hasCode(error, 'ERR_INTERRUPTED')) throw error;
      // What a relay says proves nothing: the transfer may resume another time.
      throw new OnionferryError('ERR_PEER_GONE', CANNOT_WAIT, { cause: error });
    }
    generation++;
    // It is of no more use, but nobody has to wait for its end.
    leaving = Promise.all([leaving, current?.abandon()]);
    current = next;
    return { meeting: next, generation };
  }

  return {
    meet({ signal }: CallOptions = {}): Promise<Met> {
      const either = signal === undefined ? [ending.signal] : [ending.signal, signal];
      const met = meetNext({ signal: AbortSignal.any(either) });
      // Only to know when it has ended; the caller has the error.
      meeting = met.catch(() => undefined);
      return met;
    },
    async close(): Promise<void> {
      ending.abort(new OnionferryError('ERR_INTERRUPTED', 'the transfer has ended'));
      await meeting;
      await Promise.all([leaving, current?.abandon()]);
    },
  };
}

const CANNOT_WAIT =
  'the relay does not let this side wait for the recipient any more; try send --resume later';

async function open(
  generation: number,
  options: SenderReconnectOptions,
  call: CallOptions,
): Promise<SenderChannel> {
  const { onion, curve, resumption } = options;
  const { name: channel, nonce } = reconnectChannel(resumption, generation);
  const waiting = { ...options, channel, nonce, guesses: unlimited };
  const participant = new SenderParticipant(waiting);
  const secret = resumptionSecret(resumption, { onion, channel, curve });
  await participant.joinAfresh(call);
  return new SenderChannel(waiting, participant, secret);
}
