import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { fromBase64Url, toBase64Url } from '../../../src/base/bytes.js';
import { type ErrorCode, OnionferryError } from '../../../src/base/errors.js';
import { type SenderExchange, startExchange } from '../../../src/pake/exchange.js';
import { reconnectChannel, resumptionSecret } from '../../../src/pake/resumption.js';
import type { RelayClient } from '../../../src/relay-protocol/relay-client.js';
import type { ChannelRequest, ChannelState } from '../../../src/relay-protocol/wire.js';
import {
  type RecipientReconnectOptions,
  recipientReconnect,
} from '../../../src/session/reconnecting/recipient-reconnect.js';
import type { Met, Reconnect } from '../../../src/session/reconnecting/reconnect.js';
import { nodePrimitives } from '../../../src/transfer/node-primitives.js';
import { ONION, RESUMPTION } from '../support/parties.js';
import { named, recipientState } from '../support/scripted-relay.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const never = (): Promise<never> => new Promise(() => undefined);
const missing = new OnionferryError('ERR_CHANNEL_MISSING', 'nobody');
const generationOf = new Map(
  Array.from({ length: 20 }, (_, generation) => [
    reconnectChannel(RESUMPTION, generation).name,
    generation,
  ]),
);

/** What is found in a channel: nobody, a refusal, no answer at all, or somebody. */
type Found = ErrorCode | 'silence' | 'sender' | 'stranger' | 'mute';

interface World {
  readonly search: Reconnect;
  /** Where it looked, and after which time, in seconds. */
  readonly looked: [number, number][];
  readonly waits: string[];
  /** When circuits were renewed, in seconds. */
  readonly renewed: number[];
  readonly answering: number[];
  find: (generation: number, seconds: number) => Found;
  met?: Met;
  failure?: unknown;
}

function world(options: Partial<RecipientReconnectOptions> = {}): World {
  const since = performance.now();
  const seconds = (): number => (performance.now() - since) / 1_000;
  const exchanges = new Map<string, SenderExchange>();
  const found = (channel: string): Found =>
    made.find(generationOf.get(channel) ?? Number.NaN, seconds());
  const join: RelayClient['join'] = async ({ channel = '' }, call) => {
    made.looked.push([generationOf.get(channel) ?? Number.NaN, seconds()]);
    const who = found(channel);
    if (who === 'silence') return await untilAborted(call?.signal);
    if (who !== 'sender' && who !== 'stranger' && who !== 'mute')
      throw who === 'ERR_CHANNEL_MISSING' ? missing : new OnionferryError(who, 'no');
    const context = { onion: ONION, channel, curve: 'p256' } as const;
    const exchange = startExchange(resumptionSecret(RESUMPTION, context), context);
    exchanges.set(channel, exchange);
    const state = recipientState({ phase: 'joined', attempt: 1, x: toBase64Url(exchange.x) });
    return { channel, uuid: named('me'), curve: 'p256', state };
  };
  const said = ({ channel, y, close }: ChannelRequest): ChannelState => {
    if (close === true) return recipientState({ phase: 'ended' });
    const who = found(channel);
    if (who === 'mute' || y === undefined) return recipientState({ phase: 'answered', attempt: 1 });
    const keys = exchanges.get(channel)?.finish(fromBase64Url(y) ?? new Uint8Array());
    const h_k = who === 'sender' ? keys?.confirmation : new Uint8Array(32);
    return recipientState({ phase: 'confirmed', h_k: toBase64Url(h_k ?? new Uint8Array()) });
  };
  const relay: RelayClient = {
    join,
    channel: (request) => Promise.resolve(said(request)),
    dialStream: never,
    openStream: never,
    close: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const made: World = {
    ...{ looked: [], waits: [], renewed: [], answering: [] },
    find: () => 'ERR_CHANNEL_MISSING',
    search: recipientReconnect({
      ...{ relay, primitives: nodePrimitives, onion: ONION, curve: 'p256' },
      resumption: RESUMPTION,
      generation: 4,
      onWaiting: (reason) => void made.waits.push(reason),
      renewCircuits: () => void made.renewed.push(seconds()),
      onAnswering: (generation) => {
        made.answering.push(generation);
        return Promise.resolve();
      },
      ...options,
    }),
  };
  return made;
}

function untilAborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason as Error));
  });
}

/** Looks for so many milliseconds. */
async function looks(made: World, ms: number, signal?: AbortSignal): Promise<void> {
  made.search.meet({ signal }).then(
    (met) => (made.met = met),
    (failure: unknown) => (made.failure = failure),
  );
  await vi.advanceTimersByTimeAsync(ms);
}

const channels = ({ looked }: World): number[] => looked.map(([generation]) => generation);

describe('a recipient that has lost its sender', () => {
  test('looks where it may wait, round by round, ever more rarely, and says so once', async () => {
    const made = world();
    await looks(made, 13_000);
    expect(made.looked).toEqual(
      [0, 1, 3, 7, 12].flatMap((seconds) =>
        [5, 6, 4, 7].map((generation) => [generation, seconds]),
      ),
    );
    expect(made.waits).toEqual(['the sender is away']);
    // Where it is reached, its circuits are good.
    expect(made.renewed).toEqual([0]);
    await made.search.close();
    await vi.advanceTimersByTimeAsync(0);
    expect(made.failure).toMatchObject({ code: 'ERR_INTERRUPTED' });
    const { length } = made.looked;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(made.looked).toHaveLength(length);
  });

  test('never looks for the meeting by the words once more', async () => {
    const made = world({ generation: 0 });
    await looks(made, 0);
    expect(channels(made)).toEqual([1, 2, 3]);
    await made.search.close();
  });

  test('meets it where it is, and goes on counting from there', async () => {
    const made = world();
    made.find = (generation) => (generation === 6 ? 'sender' : 'ERR_CHANNEL_MISSING');
    await looks(made, 1_000);
    expect(made.met?.generation).toBe(6);
    expect(made.met?.meeting.channel).toBe(reconnectChannel(RESUMPTION, 6).name);
    expect([channels(made), made.answering, made.waits]).toEqual([[5, 6], [6], []]);
    made.looked.length = 0;
    made.find = () => 'ERR_CHANNEL_MISSING';
    await looks(made, 0);
    expect(channels(made)).toEqual([7, 8, 6, 9]);
    await made.met?.meeting.abandon();
    await made.search.close();
  });

  test('needs nobody who listens', async () => {
    const made = world({ onWaiting: undefined, renewCircuits: undefined, onAnswering: undefined });
    made.find = (generation, seconds) =>
      generation === 6 && seconds > 2 ? 'sender' : 'ERR_CHANNEL_MISSING';
    await looks(made, 5_000);
    expect(made.met?.generation).toBe(6);
    await made.met?.meeting.abandon();
  });

  test('has met it for longer than it looks for it', async () => {
    const made = world();
    made.find = () => 'sender';
    await looks(made, 0);
    const opening = made.met?.meeting.openStream(0);
    let failure: unknown;
    opening?.catch((error: unknown) => (failure = error));
    // Nothing of the search is left that could end it; the stream itself has half a minute.
    await vi.advanceTimersByTimeAsync(29_000);
    expect(failure).toBeUndefined();
    await made.met?.meeting.abandon();
    await vi.advanceTimersByTimeAsync(0);
    expect(failure).toMatchObject({ code: 'ERR_INTERRUPTED' });
  });

  test('takes nobody else for it, and looks on', async () => {
    const made = world();
    made.find = (generation) => (generation === 5 ? 'stranger' : 'ERR_CHANNEL_MISSING');
    await looks(made, 0);
    // Who took an answer might have been the sender: it is looked for beyond that as well.
    expect(channels(made)).toEqual([5, 6, 4, 7]);
    made.looked.length = 0;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(channels(made)).toEqual([6, 7, 5, 8, 4]);
    await made.search.close();
  });

  test('waits 20 s for the proof of who has heard it, and looks on', async () => {
    const made = world();
    made.find = (generation) => (generation === 5 ? 'mute' : 'ERR_CHANNEL_MISSING');
    await looks(made, 19_900);
    expect(channels(made)).toEqual([5]);
    await vi.advanceTimersByTimeAsync(200);
    expect(channels(made)).toEqual([5, 6, 4, 7]);
    await made.search.close();
    await vi.advanceTimersByTimeAsync(3_000);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('ends with the signal’s reason', async () => {
    const ending = new AbortController();
    const made = world();
    made.find = () => 'silence';
    await looks(made, 5_000, ending.signal);
    ending.abort(new Error('enough'));
    await vi.advanceTimersByTimeAsync(0);
    expect(made.failure).toEqual(new Error('enough'));
  });

  test('ends with what does not pass', async () => {
    const made = world();
    made.find = () => 'ERR_INTERNAL';
    await looks(made, 0);
    expect(made.failure).toMatchObject({ code: 'ERR_INTERNAL' });
    expect(made.looked).toHaveLength(1);
  });
});

describe('a sender that cannot be reached', () => {
  test.each([
    'ERR_RELAY',
    'ERR_ONION_UNREACHABLE',
    'ERR_TOR_DIED',
    'ERR_PROTOCOL',
    'ERR_CURVE',
  ] as const)('is looked for over other circuits, one channel at a time: %s', async (code) => {
    const made = world();
    made.find = () => code;
    await looks(made, 3_500);
    expect(made.looked).toEqual([
      [5, 0],
      [5, 1],
      [5, 3],
    ]);
    expect(made.waits).toEqual(['the sender cannot be reached']);
    expect(made.renewed).toEqual([0, 1, 3]);
    await made.search.close();
  });

  test('is dialled again after a minute without an answer', async () => {
    const made = world();
    made.find = () => 'silence';
    await looks(made, 60_900);
    expect(made.looked).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(200);
    expect(made.looked.at(-1)).toEqual([5, 61]);
    await made.search.close();
  });

  test('is told of again when that changes', async () => {
    const made = world();
    made.find = (_, seconds) => (seconds < 2 || seconds > 6 ? 'ERR_RELAY' : 'ERR_CHANNEL_MISSING');
    await looks(made, 10_000);
    expect(made.waits).toEqual([
      'the sender cannot be reached',
      'the sender is away',
      'the sender cannot be reached',
    ]);
    await made.search.close();
  });
});

describe('an address that asks for another password', () => {
  test('is asked six times in a minute, and then no more', async () => {
    const made = world();
    made.find = () => 'ERR_PASSWORD';
    await looks(made, 59_999);
    expect(made.looked.map(([, seconds]) => seconds)).toEqual([0, 10, 20, 30, 40, 50]);
    expect(made.waits).toEqual(['the sender’s address asks for another password']);
    expect(made.failure).toBeUndefined();
    await vi.advanceTimersByTimeAsync(1);
    expect(made.failure).toMatchObject({ code: 'ERR_PEER_GONE', cause: { code: 'ERR_PASSWORD' } });
    // Another call has a minute again, and tells again what it waits for.
    delete made.failure;
    await looks(made, 59_999);
    expect(made.failure).toBeUndefined();
    expect(made.waits).toHaveLength(2);
    await made.search.close();
  });

  test('has another minute once it has let somebody in, but not for being away', async () => {
    const away = world();
    away.find = (_, seconds) => (seconds > 20 && seconds < 35 ? 'ERR_RELAY' : 'ERR_PASSWORD');
    await looks(away, 75_000);
    expect(away.failure).toMatchObject({ code: 'ERR_PEER_GONE' });
    const admitted = world();
    admitted.find = (_, seconds) =>
      seconds > 20 && seconds < 35 ? 'ERR_CHANNEL_MISSING' : 'ERR_PASSWORD';
    await looks(admitted, 90_000);
    expect(admitted.failure).toBeUndefined();
    await admitted.search.close();
  });
});
