import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { fromBase64Url } from '../../../src/base/bytes.js';
import { OnionferryError } from '../../../src/base/errors.js';
import { SenderParticipant } from '../../../src/session/meeting/sender-participant.js';
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

const away = new OnionferryError('ERR_RELAY', 'no answer');
const taken = new OnionferryError('ERR_CHANNEL_TAKEN', 'taken');
const posted = senderState({ revision: 1, attempts: [{ attempt: 1, phase: 'posted' }] });

interface Waiting {
  readonly relay: ScriptedRelay;
  readonly participant: SenderParticipant;
  readonly why: string[];
}

function waiting(script: Script, nonce?: string): Waiting {
  const relay = scriptedRelay(script);
  const why: string[] = [];
  const onWaiting = (reason: string): void => void why.push(reason);
  const participant = new SenderParticipant({
    ...{ relay, channel: 'front-door', curve: 'p256', nonce, onWaiting },
  });
  return { relay, participant, why };
}

/** What came of it, and when, by the clock. */
async function timed(call: Promise<unknown>): Promise<{ outcome: unknown; ms: number }> {
  const since = performance.now();
  let ms = Number.NaN;
  const settled = call
    .catch((error: unknown) => error)
    .finally(() => {
      ms = performance.now() - since;
    });
  await vi.advanceTimersByTimeAsync(3_600_000);
  return { outcome: await settled, ms };
}

describe('a sender', () => {
  test('joins as such, always with the same nonce, and knows its name and what it sees', async () => {
    const { relay, participant } = waiting({
      joins: [{ uuid: named('a'), state: posted }, { uuid: named('a') }, { uuid: named('b') }],
    });
    expect(await participant.join()).toBe(true);
    expect(participant.uuid).toBe('a');
    expect(participant.state).toEqual(posted);
    expect(await participant.join()).toBe(false);
    expect(await participant.join()).toBe(true);
    expect(participant.uuid).toBe('b');
    const [{ nonce } = { nonce: '' }] = relay.joined;
    expect(fromBase64Url(nonce)).toHaveLength(16);
    const request = { role: 'sender', channel: 'front-door', curve: 'p256', nonce };
    expect(relay.joined).toEqual([request, request, request]);
  });

  test('may be given its nonce', async () => {
    const { relay, participant } = waiting({ joins: [{}] }, 'given');
    await participant.join();
    expect(relay.joined[0]?.nonce).toBe('given');
  });

  test('that has not joined has no name and no channel', async () => {
    const { participant } = waiting({});
    expect(() => participant.uuid).toThrow(expect.objectContaining({ code: 'ERR_INTERNAL' }));
    expect(() => participant.state).toThrow(expect.objectContaining({ code: 'ERR_INTERNAL' }));
    await expect(participant.post({}, {})).rejects.toMatchObject({ code: 'ERR_INTERNAL' });
  });

  test('says what it posts as itself, and sees what it is told', async () => {
    const { relay, participant } = waiting({ joins: [{}], states: [posted] });
    const { signal } = new AbortController();
    await participant.join({ signal });
    await participant.post({ attempt: 1, x: 'share' }, { signal });
    expect(relay.asked).toEqual([{ channel: 'front-door', uuid: 'me', attempt: 1, x: 'share' }]);
    expect(participant.state).toEqual(posted);
    expect(relay.signals).toEqual([signal, signal]);
  });

  test('does not believe a relay that speaks as if to a recipient', async () => {
    const state = recipientState();
    const { participant } = waiting({ joins: [{ state }] });
    await expect(participant.join()).rejects.toMatchObject({ code: 'ERR_PROTOCOL' });
  });

  test('ends its channel, and tells who waits there if somebody else is receiving', async () => {
    const { relay, participant } = waiting({ joins: [{}], states: [away] });
    await participant.join();
    await participant.leave();
    await participant.leave(true);
    const request = { channel: 'front-door', uuid: 'me', close: true };
    expect(relay.asked).toEqual([request, { ...request, busy: true }]);
  });
});

describe('a sender whose relay is away', () => {
  test('joins again, ever more rarely, for as long as it takes', async () => {
    const times: number[] = [];
    const { relay, participant, why } = waiting({ joins: [...Array<Error>(9).fill(away), {}] });
    const since = performance.now();
    const join = relay.join.bind(relay);
    relay.join = async (...call) => {
      times.push((performance.now() - since) / 1_000);
      return await join(...call);
    };
    const { outcome } = await timed(participant.rejoin(away, {}));
    expect(outcome).toBe(true);
    expect(times).toEqual([2, 6, 14, 30, 60, 90, 120, 150, 180, 210]);
    expect(new Set(why)).toEqual(new Set(['the relay is away']));
  });

  test.each([
    'ERR_TOR_DIED',
    'ERR_CHANNEL_MISSING',
    'ERR_CHANNEL_CLOSED',
    'ERR_TIMEOUT',
  ] as const)('joins again after %s as well', async (code) => {
    const { participant } = waiting({ joins: [{}] });
    const { outcome, ms } = await timed(participant.rejoin(new OnionferryError(code, 'no'), {}));
    expect(outcome).toBe(true);
    expect(ms).toBe(2_000);
  });

  test('gives up at what does not pass, the first time or later', async () => {
    const wrong = new OnionferryError('ERR_PASSWORD', 'no');
    const { relay, participant } = waiting({ joins: [wrong] });
    expect(await timed(participant.rejoin(wrong, {}))).toEqual({ outcome: wrong, ms: 0 });
    expect(relay.joined).toEqual([]);
    expect((await timed(participant.rejoin(away, {}))).outcome).toBe(wrong);
    expect(relay.joined).toHaveLength(1);
  });

  test('waits five minutes for another to leave who took its channel', async () => {
    const { relay, participant, why } = waiting({ joins: [taken] });
    const { outcome, ms } = await timed(participant.rejoin(taken, {}));
    expect(outcome).toBe(taken);
    expect(ms).toBeGreaterThanOrEqual(300_000);
    expect(ms).toBeLessThan(330_000);
    expect(relay.joined.length).toBe(why.length);
    expect(new Set(why)).toEqual(new Set(['the relay’s channel is taken']));
  });

  test('ends with the signal’s reason', async () => {
    const ending = new AbortController();
    setTimeout(() => ending.abort(new Error('enough')), 500);
    const { relay, participant } = waiting({ joins: [{}] });
    const call = { signal: ending.signal };
    expect(await timed(participant.rejoin(away, call))).toEqual({
      outcome: new Error('enough'),
      ms: 500,
    });
    // Whatever failed meanwhile.
    const wrong = new OnionferryError('ERR_PASSWORD', 'no');
    expect((await timed(participant.rejoin(wrong, call))).outcome).toEqual(new Error('enough'));
    expect(relay.joined).toEqual([]);
  });
});

describe('a sender that joins afresh', () => {
  test('does so at once', async () => {
    const { relay, participant } = waiting({ joins: [{}] });
    expect((await timed(participant.joinAfresh({}))).ms).toBe(0);
    expect(relay.joined).toHaveLength(1);
    expect(relay.asked).toEqual([]);
  });

  test.each([
    ['that has seen something', senderState({ revision: 1 })],
    ['whose shares stand there', senderState({ attempts: posted.attempts })],
  ])('ends a participant of an earlier process %s', async (_, state) => {
    const { relay, participant } = waiting({
      joins: [{ uuid: named('earlier'), state }, { uuid: named('fresh') }],
      states: [senderState()],
    });
    expect((await timed(participant.joinAfresh({}))).ms).toBe(2_000);
    expect(relay.asked).toMatchObject([{ uuid: 'earlier', close: true }]);
    expect(participant.uuid).toBe('fresh');
  });

  test('waits for a relay that is away', async () => {
    const { participant } = waiting({ joins: [away, {}] });
    expect((await timed(participant.joinAfresh({}))).ms).toBe(2_000);
    expect(participant.uuid).toBe('me');
  });

  test('ends with the signal’s reason', async () => {
    const { relay, participant } = waiting({ joins: [{ state: posted }], states: [posted] });
    const ending = new AbortController();
    setTimeout(() => ending.abort(new Error('enough')), 7_000);
    const { outcome } = await timed(participant.joinAfresh({ signal: ending.signal }));
    expect(outcome).toEqual(new Error('enough'));
    // A relay that shows nothing but used ones is asked once in two seconds.
    expect(relay.joined).toHaveLength(4);
  });
});
