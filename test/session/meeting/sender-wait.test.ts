import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { WAIT_MAX_MS } from '../../../src/relay-protocol/wire.js';
import { other, passes, refusal, secret, world } from '../support/waiting-sender.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

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
