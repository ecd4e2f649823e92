import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { fromBase64Url, toBase64Url } from '../../../src/base/bytes.js';
import { OnionferryError } from '../../../src/base/errors.js';
import { WAIT_MAX_MS } from '../../../src/relay-protocol/wire.js';
import { type JoinOptions, joinChannel } from '../../../src/session/meeting/join-channel.js';
import {
  named,
  recipientState,
  type Script,
  type ScriptedRelay,
  scriptedRelay,
  senderState,
} from '../support/scripted-relay.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const X = Uint8Array.of(4, 5, 6);
const there = recipientState({ phase: 'joined', attempt: 7, x: toBase64Url(X), revision: 2 });
const refusal = (code: 'ERR_CHANNEL_MISSING' | 'ERR_RELAY_BUSY'): OnionferryError =>
  new OnionferryError(code, 'not now');

interface Ended {
  readonly relay: ScriptedRelay;
  readonly ms: number;
  readonly outcome: unknown;
}

/** Joins, and tells how that ended, and after which time of the clock. */
async function joined(script: Script, options: Partial<JoinOptions> = {}): Promise<Ended> {
  const relay = scriptedRelay(script);
  const since = performance.now();
  let ms = Number.NaN;
  const joining = joinChannel({ relay, channel: 'front-door', curve: 'p256', ...options })
    .catch((error: unknown) => error)
    .finally(() => {
      ms = performance.now() - since;
    });
  await vi.advanceTimersByTimeAsync(600_000);
  return { relay, ms, outcome: await joining };
}

test('a recipient joins with a nonce of its own, and has the sender’s share', async () => {
  const { relay, outcome, ms } = await joined({ joins: [{ state: there }] });
  expect(outcome).toEqual({ uuid: 'me', attempt: 7, x: X, revision: 2 });
  expect(relay.joined).toMatchObject([{ role: 'recipient', channel: 'front-door', curve: 'p256' }]);
  expect(fromBase64Url(relay.joined[0]?.nonce ?? '')).toHaveLength(16);
  expect(relay.asked).toEqual([]);
  expect(ms).toBe(0);
});

test('it waits until an attempt is posted, and asks once a second if the relay does not wait', async () => {
  const waiting = recipientState({ revision: 1 });
  const { relay, outcome, ms } = await joined({
    joins: [{ state: recipientState({ revision: 5 }), uuid: named('second') }],
    states: [waiting, waiting, there],
  });
  expect(outcome).toMatchObject({ uuid: 'second', attempt: 7, x: X });
  const request = { channel: 'front-door', uuid: 'second', wait: WAIT_MAX_MS };
  expect(relay.asked).toEqual([
    { ...request, since: 5 },
    { ...request, since: 1 },
    { ...request, since: 1 },
  ]);
  expect(ms).toBe(2_000);
});

test('it asks the relay to wait as long as it is told', async () => {
  const { relay } = await joined({ joins: [{}], states: [there] }, { waitMs: 300 });
  expect(relay.asked).toMatchObject([{ wait: 300 }]);
});

test('a share without its number is none yet', async () => {
  const noNumber = recipientState({ x: toBase64Url(X), revision: 1 });
  const { outcome } = await joined({ joins: [{ state: noNumber }], states: [there] });
  expect(outcome).toMatchObject({ attempt: 7 });
});

describe('while its turn does not come', () => {
  test('it joins again and again, ever more rarely, and says so once', async () => {
    const why: string[] = [];
    const times: number[] = [];
    const relay = scriptedRelay({ joins: [refusal('ERR_CHANNEL_MISSING')] });
    const since = performance.now();
    const join = relay.join.bind(relay);
    relay.join = async (...call) => {
      times.push((performance.now() - since) / 1_000);
      return await join(...call);
    };
    const options = { relay, onWaiting: (reason: string) => void why.push(reason) };
    const { outcome } = await joined({}, options);
    expect(outcome).toMatchObject({ code: 'ERR_CHANNEL_MISSING' });
    expect(times).toEqual([0, 1, 3, 7, 15, 30, 45, 60]);
    expect(why).toEqual(['the sender is not ready yet']);
    expect(new Set(relay.joined.map(({ nonce }) => nonce)).size).toBe(8);
  });

  test('a relay that has too much to do is asked again', async () => {
    const { outcome, ms } = await joined({
      joins: [refusal('ERR_RELAY_BUSY'), refusal('ERR_CHANNEL_MISSING'), { state: there }],
    });
    expect(outcome).toMatchObject({ attempt: 7 });
    expect(ms).toBe(3_000);
  });

  test('a relay that never has an attempt is left after a minute', async () => {
    const { outcome, ms } = await joined({ joins: [{}], states: [recipientState()] });
    expect(outcome).toMatchObject({ code: 'ERR_RELAY_BUSY' });
    expect(ms).toBe(60_000);
    const soon = await joined({ joins: [{}], states: [recipientState()] }, { turnDeadlineMs: 0 });
    expect(soon.outcome).toMatchObject({ code: 'ERR_RELAY_BUSY' });
    expect(soon.relay.asked).toHaveLength(1);
  });

  test('it ends with the signal’s reason', async () => {
    const ending = new AbortController();
    for (const script of [
      { joins: [refusal('ERR_CHANNEL_MISSING')] },
      { joins: [{}], states: [recipientState()] },
    ]) {
      setTimeout(() => ending.abort(new Error('enough')), 500);
      const { outcome, ms, relay } = await joined(script, { signal: ending.signal });
      expect(outcome).toEqual(new Error('enough'));
      expect(ms).toBeLessThanOrEqual(500);
      expect(new Set(relay.signals)).toEqual(new Set([ending.signal]));
    }
  });
});

test.each([
  'ERR_CHANNEL_FULL',
  'ERR_PASSWORD',
  'ERR_CURVE',
] as const)('%s is told at once', async (code) => {
  const { outcome, relay } = await joined({ joins: [new OnionferryError(code, 'no')] });
  expect(outcome).toMatchObject({ code });
  expect(relay.joined).toHaveLength(1);
});

test('no other curve is taken than the one that was named', async () => {
  const { outcome } = await joined({ joins: [{ curve: 'siec', state: there }] });
  expect(outcome).toMatchObject({ code: 'ERR_CURVE' });
});

test.each([
  ['a share that is none', recipientState({ attempt: 1, x: '*' })],
  ['what is for a sender', senderState()],
])('a relay that says %s is not believed', async (_, state) => {
  expect((await joined({ joins: [{ state }] })).outcome).toMatchObject({ code: 'ERR_PROTOCOL' });
});
