import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { toBase64Url } from '../../../src/base/bytes.js';
import type { ShownChannel } from '../support/shown-channel.js';
import { other, passes, refusal, secret, world } from '../support/waiting-sender.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

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
