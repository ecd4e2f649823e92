/* eslint-disable max-lines -- one party, said to and heard word by word over one fixture */
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { toBase64Url } from '../../../src/base/bytes.js';
import { OnionferryError } from '../../../src/base/errors.js';
import { resumptionSecret } from '../../../src/pake/resumption.js';
import { WAIT_MAX_MS } from '../../../src/relay-protocol/wire.js';
import type { GuessLimit } from '../../../src/session/meeting/guess-limit.js';
import { SenderParticipant } from '../../../src/session/meeting/sender-participant.js';
import {
  type Confirmed,
  type MeetOptions,
  SenderWait,
} from '../../../src/session/meeting/sender-wait.js';
import { CHANNEL, ONION, RESUMPTION } from '../support/parties.js';
import { ShownChannel } from '../support/shown-channel.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const place = { onion: ONION, channel: CHANNEL, curve: 'p256' } as const;
const secret = resumptionSecret(RESUMPTION, place);
const other = resumptionSecret(
  RESUMPTION.map((byte) => byte ^ 1),
  place,
);
const refusal = (code: 'ERR_RELAY' | 'ERR_RELAY_BUSY' | 'ERR_ATTEMPT_ENDED'): OnionferryError =>
  new OnionferryError(code, 'no');

interface World {
  readonly relay: ShownChannel;
  readonly wait: SenderWait;
  readonly seen: string[];
  readonly guesses: GuessLimit & { left: number };
  /** Begins to wait for a recipient; what came of it so far. */
  readonly meets: (options?: MeetOptions) => { met?: Confirmed; failure?: unknown };
}

async function world({
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

const passes = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

describe('a sender that waits', () => {
  test('posts three shares, all different, and asks for what is new', async () => {
    const { relay, meets } = await world();
    meets();
    await passes(0);
    expect(relay.asked.map(({ attempt }) => attempt)).toEqual([1, 2, 3, undefined]);
    expect(new Set(relay.asked.map(({ x }) => x)).size).toBe(4);
    expect(relay.asked[3]).toEqual({ since: 0, wait: WAIT_MAX_MS });
    // A relay that does not wait is asked five times a second.
    await passes(1_999);
    expect(relay.asked).toHaveLength(13);
  });

  test('posts another for each that is taken, and tells of who comes and goes', async () => {
    const { relay, meets, seen } = await world();
    meets();
    await passes(0);
    relay.joined(2);
    await passes(200);
    expect(relay.posted).toEqual([1, 3, 4]);
    expect(seen).toEqual(['joined']);
    await passes(1_000);
    expect(seen).toEqual(['joined']);
    relay.change(2, undefined);
    await passes(200);
    expect(seen).toEqual(['joined', 'left']);
    await passes(1_000);
    expect(seen).toEqual(['joined', 'left']);
  });

  test('makes no more than 32 shares at once, and 20 a second', async () => {
    const { relay, meets } = await world();
    relay.after = ({ attempt, x }) => {
      if (x !== undefined && attempt !== undefined) relay.joined(attempt);
      return undefined;
    };
    meets();
    await passes(0);
    const shares = (): number => relay.asked.filter(({ x }) => x !== undefined).length;
    expect(shares()).toBe(32);
    // More are due by the clock.
    expect(relay.asked.at(-1)).toMatchObject({ wait: 1_000 });
    await passes(1_100);
    expect(shares()).toBeGreaterThanOrEqual(50);
    expect(shares()).toBeLessThanOrEqual(54);
  });

  test('posts no more for now when the relay takes no more', async () => {
    const { relay, meets } = await world();
    relay.before = ({ attempt, x }) =>
      x !== undefined && (attempt ?? 0) >= 2 ? refusal('ERR_RELAY_BUSY') : undefined;
    meets();
    await passes(0);
    expect(relay.asked.map(({ attempt }) => attempt)).toEqual([1, 2, undefined]);
    expect(relay.asked.at(-1)).toMatchObject({ wait: 1_000 });
    expect(relay.joins).toBe(1);
    await passes(200);
    expect(relay.asked.map(({ attempt }) => attempt)).toEqual([1, 2, undefined, 3, undefined]);
  });

  test('posts the next where one has ended before its reply came', async () => {
    const { relay, meets } = await world();
    relay.before = ({ attempt, x }) =>
      x !== undefined && attempt === 2 ? refusal('ERR_ATTEMPT_ENDED') : undefined;
    meets();
    await passes(0);
    expect(relay.posted).toEqual([1, 3, 4]);
    // What is said to one that is not there is no answer.
    relay.before = () => undefined;
    relay.says(2, 'AA', 'AA');
    await passes(200);
    expect(relay.asked).toContainEqual({ attempt: 2, close: true });
  });

  test('needs nobody who listens', async () => {
    const { relay, meets } = await world({ listens: false });
    const outcome = meets();
    await passes(0);
    relay.joined(1);
    relay.answered(2, other);
    await passes(200);
    relay.change(1, undefined);
    relay.answered(3, secret);
    await passes(400);
    expect(outcome.met).toMatchObject({ participant: 'pair 3' });
  });

  test('joins again when what it posts is not heard', async () => {
    const { relay, meets } = await world();
    relay.before = ({ attempt, x }) => {
      if (x === undefined || attempt !== 2) return undefined;
      relay.before = () => undefined;
      return refusal('ERR_RELAY');
    };
    meets();
    await passes(1_900);
    expect(relay.asked.map(({ attempt }) => attempt)).toEqual([1, 2]);
    await passes(200);
    expect(relay.joins).toBe(2);
    expect(relay.posted).toEqual([1, 3, 4]);
  });

  test('ends with the signal’s reason', async () => {
    const { relay, meets } = await world();
    const ending = new AbortController();
    const outcome = meets({ signal: ending.signal });
    await passes(100);
    ending.abort(new Error('enough'));
    await passes(0);
    expect(outcome.failure).toEqual(new Error('enough'));
    const asked = relay.asked.length;
    await passes(60_000);
    expect(relay.asked).toHaveLength(asked);
  });
});

describe('an answer', () => {
  test.each([false, true])('that is right is a meeting; agreed beforehand: %s', async (agrees) => {
    const { relay, meets, seen, guesses } = await world();
    const outcome = meets();
    await passes(0);
    relay.joined(3);
    await passes(200);
    const keys = relay.answered(3, secret, agrees);
    await passes(200);
    expect(outcome.met).toEqual({ keys, hasAgreed: agrees, participant: 'pair 3' });
    const h_k = toBase64Url(agrees ? keys.agreement : keys.confirmation);
    expect(relay.asked.at(-1)).toEqual({ attempt: 3, h_k });
    expect(seen).toEqual(['joined', 'authenticated']);
    // It was no guess.
    expect(guesses.left).toBe(5);
    // Nor is it told of again.
    relay.change(3, undefined);
    meets();
    await passes(1_000);
    expect(seen).toEqual(['joined', 'authenticated']);
    // Others are let in meanwhile.
    expect(relay.asked.filter(({ busy }) => busy !== undefined)).toEqual([]);
  });

  test.each<[string, (relay: ShownChannel) => void]>([
    ['by another secret', (relay) => void relay.answered(1, other)],
    ['with a share that is none', (relay) => relay.says(1, '*', 'AAAA')],
    ['with a proof that is none', (relay) => relay.says(1, toBase64Url(Uint8Array.of(4)), '*')],
    [
      'with its share and a proof that is none',
      (relay) => {
        relay.answered(1, secret);
        const y = relay.answerTo(1);
        relay.says(1, y, '*');
      },
    ],
    ['with a point that is none', (relay) => relay.says(1, 'AAAA', 'AAAA')],
    ['without a share', (relay) => relay.change(1, { attempt: 1, phase: 'answered' })],
    ['to what was never posted', (relay) => relay.says(77, 'AAAA', 'AAAA')],
  ])('%s is refused, and costs a guess', async (_, answers) => {
    const { relay, meets, seen, guesses } = await world();
    const outcome = meets();
    await passes(0);
    answers(relay);
    await passes(200);
    expect(relay.asked).toContainEqual({ attempt: relay.posted.includes(1) ? 77 : 1, close: true });
    expect(seen).toEqual(['joined', 'rejected']);
    expect(guesses.left).toBe(4);
    expect(outcome).toEqual({});
    relay.answered(2, secret);
    await passes(200);
    expect(outcome.met).toMatchObject({ participant: 'pair 2' });
  });

  test('waits until it may be judged, and the relay is asked again by then', async () => {
    for (const [intervalMs, wait] of [
      [10_000, 1_000],
      [50, 50],
    ] as const) {
      const { relay, meets, seen, guesses } = await world({ guesses: 0, intervalMs });
      const outcome = meets();
      await passes(0);
      relay.answered(1, secret);
      await passes(400);
      expect(relay.asked.at(-1)).toMatchObject({ wait });
      expect([outcome, seen]).toEqual([{}, ['joined']]);
      guesses.left = 1;
      await passes(200);
      expect(outcome.met).toMatchObject({ participant: 'pair 1' });
    }
  });

  test('of many is judged, whichever a draw says', async () => {
    const draws = [0, 1, 2, 3];
    const real = crypto.getRandomValues.bind(crypto);
    vi.spyOn(crypto, 'getRandomValues').mockImplementation((array) => {
      if (!(array instanceof Uint32Array) || array.length > 1) return real(array);
      array[0] = draws.shift() ?? 0;
      return array;
    });
    onTestFinished(() => void vi.restoreAllMocks());
    const judged: (number | undefined)[] = [];
    while (draws.length > 0) {
      const { relay, meets } = await world({ guesses: 1 });
      meets();
      await passes(0);
      for (const attempt of [1, 2, 3]) relay.answered(attempt, other);
      await passes(200);
      judged.push(relay.asked.find(({ close }) => close === true)?.attempt);
    }
    expect(judged).toEqual([1, 2, 3, 1]);
  });

  test('whose recipient has gone meanwhile is nothing, and the wait goes on', async () => {
    const { relay, meets } = await world();
    const outcome = meets();
    await passes(0);
    relay.answered(1, secret);
    relay.before = ({ attempt, h_k }) => {
      if (h_k === undefined || attempt !== 1) return undefined;
      relay.change(1, undefined);
      return refusal('ERR_ATTEMPT_ENDED');
    };
    await passes(200);
    expect(outcome).toEqual({});
    // Looks at once who is there now.
    expect(relay.asked).toContainEqual({});
    expect(relay.joins).toBe(1);
    relay.answered(2, secret);
    await passes(200);
    expect(outcome.met).toMatchObject({ participant: 'pair 2' });
  });

  test('that is right is so also if the reply to that was lost, and is judged once', async () => {
    const { relay, meets, guesses } = await world({ guesses: 1 });
    const outcome = meets();
    await passes(0);
    const keys = relay.answered(1, secret);
    let hasLost = false;
    relay.after = ({ h_k }) => {
      if (h_k === undefined || hasLost) return undefined;
      hasLost = true;
      return refusal('ERR_RELAY');
    };
    await passes(10_000);
    expect(relay.joins).toBe(2);
    expect(outcome.met).toMatchObject({ keys, participant: 'pair 1' });
    expect(relay.asked.filter(({ h_k }) => h_k !== undefined)).toHaveLength(1);
    expect(guesses.left).toBe(1);
  });

  test('that is right is said to be so again if the relay has not heard it', async () => {
    const { relay, meets } = await world();
    const outcome = meets();
    await passes(0);
    const keys = relay.answered(1, secret);
    let hasLost = false;
    relay.before = ({ h_k }) => {
      if (h_k === undefined || hasLost) return undefined;
      hasLost = true;
      return refusal('ERR_RELAY');
    };
    await passes(10_000);
    expect(outcome.met).toMatchObject({ keys, participant: 'pair 1' });
    expect(relay.asked.filter(({ h_k }) => h_k !== undefined)).toHaveLength(2);
  });
});

describe('a relay that was started again', () => {
  test('gets fresh shares under new numbers, and nothing of before counts', async () => {
    const { relay, meets, seen } = await world();
    const outcome = meets();
    await passes(0);
    relay.joined(1);
    await passes(200);
    relay.restart();
    relay.before = () => {
      relay.before = () => undefined;
      return refusal('ERR_RELAY');
    };
    await passes(5_000);
    expect(relay.joins).toBe(2);
    expect(relay.posted).toEqual([5, 6, 7]);
    // Nobody has left a channel that nobody knows.
    expect(seen).toEqual(['joined']);
    relay.answered(5, secret);
    await passes(200);
    expect(outcome.met).toMatchObject({ participant: 'pair 5' });
  });

  test('hears once more that nobody else is to come', async () => {
    const { relay, wait } = await world();
    const ending = new AbortController();
    const refusing = wait.refuse({ signal: ending.signal });
    refusing.catch(() => undefined);
    await passes(0);
    relay.restart();
    relay.before = () => {
      relay.before = () => undefined;
      return refusal('ERR_RELAY');
    };
    await passes(5_000);
    expect(relay.asked.filter(({ busy }) => busy === true)).toHaveLength(2);
    ending.abort(new Error('enough'));
    await expect(refusing).rejects.toThrow('enough');
  });
});

describe('a sender that is to meet one alone', () => {
  test('lets nobody in from the meeting on, until it waits again', async () => {
    const { relay, meets } = await world();
    const outcome = meets({ alone: true });
    await passes(0);
    relay.answered(1, secret);
    await passes(200);
    expect(outcome.met).toBeDefined();
    expect(relay.asked.at(-1)).toMatchObject({ attempt: 1, busy: true });
    const before = relay.asked.length;
    meets();
    await passes(0);
    expect(relay.asked.slice(before)).toMatchObject([{ busy: false }, { wait: WAIT_MAX_MS }]);
    await passes(1_000);
    expect(relay.asked.filter(({ busy }) => busy !== undefined)).toHaveLength(2);
  });

  test('says so once while it refuses, and posts nothing', async () => {
    const { relay, wait, meets } = await world();
    const ending = new AbortController();
    const refusing = wait.refuse({ signal: ending.signal });
    refusing.catch(() => undefined);
    await passes(1_000);
    expect(relay.asked[0]).toEqual({ busy: true });
    expect(new Set(relay.asked.slice(1).map((said) => JSON.stringify(said)))).toEqual(
      new Set([JSON.stringify({ since: 0, wait: WAIT_MAX_MS })]),
    );
    ending.abort(new Error('enough'));
    await expect(refusing).rejects.toThrow('enough');
    const before = relay.asked.length;
    meets();
    await passes(0);
    expect(relay.asked[before]).toEqual({ busy: false });
  });
});
