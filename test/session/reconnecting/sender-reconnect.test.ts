import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { deferred } from '../../../src/base/deferred.js';
import { OnionferryError } from '../../../src/base/errors.js';
import { reconnectChannel, resumptionSecret } from '../../../src/pake/resumption.js';
import type { RelayClient } from '../../../src/relay-protocol/relay-client.js';
import type { ChannelRequest, JoinRequest } from '../../../src/relay-protocol/wire.js';
import type { Meeting } from '../../../src/session/meeting/meeting.js';
import type { Met, Reconnect } from '../../../src/session/reconnecting/reconnect.js';
import { senderReconnect } from '../../../src/session/reconnecting/sender-reconnect.js';
import { nodePrimitives } from '../../../src/transfer/node-primitives.js';
import { ONION, RESUMPTION } from '../support/parties.js';
import { ShownChannel } from '../support/shown-channel.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const never = (): Promise<never> => new Promise(() => undefined);
const passes = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
const channelOf = (generation: number): string => reconnectChannel(RESUMPTION, generation).name;

interface World {
  readonly again: Reconnect;
  readonly joins: JoinRequest[];
  readonly asked: ChannelRequest[];
  /** The channel that was joined last. */
  shown: ShownChannel;
  refusal: OnionferryError | undefined;
  /** Waits for the recipient; what came of it so far. */
  readonly meets: (signal?: AbortSignal) => { met?: Met; failure?: unknown };
  /** The recipient comes, to the channel of this generation. */
  readonly comes: (generation: number) => Promise<void>;
}

function world(current?: Meeting): World {
  const relay: RelayClient = {
    join: async (request) => {
      made.joins.push(request);
      if (made.refusal !== undefined) throw made.refusal;
      const channel = request.channel ?? '';
      made.shown = new ShownChannel(channel);
      return { ...(await made.shown.join()), channel };
    },
    channel: async (request) => {
      made.asked.push(request);
      return await made.shown.channel(request);
    },
    dialStream: never,
    openStream: never,
    close: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const again = senderReconnect({
    ...{ relay, primitives: nodePrimitives, onion: ONION, curve: 'p256', current },
    ...{ resumption: RESUMPTION, generation: 0 },
  });
  const made: World = {
    ...{ again, joins: [], asked: [], shown: new ShownChannel(), refusal: undefined },
    meets: (signal) => {
      const outcome: { met?: Met; failure?: unknown } = {};
      again.meet({ signal }).then(
        (met) => (outcome.met = met),
        (failure: unknown) => (outcome.failure = failure),
      );
      return outcome;
    },
    comes: async (generation) => {
      const channel = channelOf(generation);
      const context = { onion: ONION, channel, curve: 'p256' } as const;
      await passes(0);
      made.shown.answered(1, resumptionSecret(RESUMPTION, context));
      await passes(400);
    },
  };
  return made;
}

/** Of another meeting, which tells when it is left. */
function watched(abandon: () => Promise<void>): Meeting {
  // Nothing else is asked of it.
  return { abandon } as Meeting;
}

describe('a sender that has lost its recipient', () => {
  test('waits in the channel of the next generation, as itself, and leaves it when they have met', async () => {
    const left: string[] = [];
    const made = world(
      watched(() => {
        left.push('by words');
        return Promise.resolve();
      }),
    );
    const first = made.meets();
    await passes(0);
    const { name: channel, nonce } = reconnectChannel(RESUMPTION, 1);
    expect(made.joins).toEqual([{ role: 'sender', channel, curve: 'p256', nonce }]);
    expect(left).toEqual([]);
    await made.comes(1);
    expect(first.met?.generation).toBe(1);
    expect(left).toEqual(['by words']);
    expect(made.asked.at(-1)).toEqual({ channel, uuid: 'sender', close: true });
    const second = made.meets();
    await passes(0);
    expect(made.joins.at(-1)?.channel).toBe(channelOf(2));
    await made.comes(2);
    expect(second.met?.generation).toBe(2);
    expect(second.met?.meeting.keys).not.toEqual(first.met?.meeting.keys);
    // The meeting before is of no more use.
    const pair = { channel, uuid: 'pair 1', close: true };
    expect(made.asked).toContainEqual(pair);
    expect(left).toEqual(['by words']);
    await made.again.close();
    expect(made.asked.at(-1)).toEqual({ ...pair, channel: channelOf(2) });
  });

  test('does not count the guesses of strangers', async () => {
    const made = world();
    const outcome = made.meets();
    await passes(0);
    for (let guess = 0; guess < 20; guess++) {
      const [attempt = 0] = made.shown.posted;
      made.shown.says(attempt, 'AAAA', 'AAAA');
      await passes(200);
    }
    expect(made.asked.filter(({ close }) => close === true)).toHaveLength(20);
    expect(outcome).toEqual({});
    await made.again.close();
  });

  test('leaves the channel when it is to wait no more, and may wait again', async () => {
    const made = world();
    const ending = new AbortController();
    const outcome = made.meets(ending.signal);
    await passes(1_000);
    ending.abort(new Error('enough'));
    await passes(0);
    expect(outcome.failure).toEqual(new Error('enough'));
    expect(made.asked.at(-1)).toMatchObject({ channel: channelOf(1), close: true });
    const again = made.meets();
    await made.comes(1);
    expect(again.met?.generation).toBe(1);
    await made.again.close();
  });

  test('may try another time if the relay does not let it wait', async () => {
    const made = world();
    made.refusal = new OnionferryError('ERR_PASSWORD', 'no');
    const outcome = made.meets();
    await passes(0);
    expect(outcome.failure).toMatchObject({ code: 'ERR_PEER_GONE', cause: made.refusal });
    await made.again.close();
  });

  test('ends with the relay that it has itself', async () => {
    const made = world();
    made.refusal = new OnionferryError('ERR_INTERRUPTED', 'closed');
    const outcome = made.meets();
    await passes(0);
    expect(outcome.failure).toBe(made.refusal);
    await made.again.close();
  });

  test('ends its wait and its meeting, and is done when both are left', async () => {
    const leaving = deferred<undefined>();
    const made = world(watched(() => leaving.promise));
    const outcome = made.meets();
    await passes(0);
    let isClosed = false;
    const closing = made.again.close().then(() => (isClosed = true));
    await passes(1_000);
    expect(outcome.failure).toMatchObject({ code: 'ERR_INTERRUPTED' });
    expect(made.asked.at(-1)).toMatchObject({ channel: channelOf(1), close: true });
    expect(isClosed).toBe(false);
    leaving.resolve(undefined);
    await closing;
    expect(vi.getTimerCount()).toBe(0);
  });
});
