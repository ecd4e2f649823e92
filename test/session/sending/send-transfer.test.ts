import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { untilAborted } from '../../../src/base/deadline.js';
import { type Deferred, deferred } from '../../../src/base/deferred.js';
import { OnionferryError } from '../../../src/base/errors.js';
import { encodeManifest } from '../../../src/session/conversation/encoded-manifest.js';
import type { Met, Reconnect } from '../../../src/session/reconnecting/reconnect.js';
import {
  type SendTransferOptions,
  sendTransfer,
} from '../../../src/session/sending/send-transfer.js';
import { nodePrimitives } from '../../../src/transfer/node-primitives.js';
import { textSource } from '../../../src/transfer/source/stream-source.js';
import { type FarEnd, kinds, type OtherSide, otherSide } from '../support/other-side.js';

const source = textSource('hello');
const { digest } = await encodeManifest(source.manifest, nodePrimitives);
const broke = new OnionferryError('ERR_PEER_GONE', 'broke');

interface World {
  readonly first: OtherSide;
  readonly notes: string[];
  /** How often it was asked to meet again. */
  readonly waits: Deferred<Met>[];
  readonly signals: (AbortSignal | undefined)[];
  readonly result: Promise<unknown>;
  /** The recipient comes again. */
  readonly returns: (generation: number, hasAgreed?: boolean) => OtherSide;
}

function begun(given: Partial<SendTransferOptions> & { hasAgreed?: boolean } = {}): World {
  const { hasAgreed = false, ...options } = given;
  const first = otherSide('recipient', { hasAgreed });
  const notes: string[] = [];
  const waits: Deferred<Met>[] = [];
  const signals: World['signals'] = [];
  const reconnect: Reconnect = {
    meet: async ({ signal } = {}) => {
      const coming = deferred<Met>();
      coming.promise.catch(() => undefined);
      waits.push(coming);
      signals.push(signal);
      return await untilAborted(coming.promise, signal);
    },
    close: () => Promise.resolve(void notes.push('closed')),
  };
  const note = (what: string) => (): Promise<void> => Promise.resolve(void notes.push(what));
  const result = sendTransfer({
    ...{ source, reconnect, primitives: nodePrimitives },
    met: { meeting: first.meeting, generation: 0 },
    onAgreed: note('agreed'),
    onAccepted: note('accepted'),
    onAway: (why) => void notes.push(`away: ${why?.message}`),
    onMet: (generation) => void notes.push(`met ${generation}`),
    ...options,
  }).catch((error: unknown) => error);
  const returns = (generation: number): OtherSide => {
    const again = otherSide('recipient');
    waits.at(-1)?.resolve({ meeting: again.meeting, generation });
    return again;
  };
  return { first, notes, waits, signals, result, returns };
}

async function accepts(far: FarEnd): Promise<void> {
  await far.say({ type: 'accept', manifest: digest });
  await expect.poll(() => kinds(far.heard)).toContain('data');
}

const receipt = { type: 'receipt', bytes: 5, files: 1 } as const;

describe('a sender', () => {
  test('ends with the receipt, and waits for nobody any more', async () => {
    const { first, notes, signals, result } = begun();
    const far = await first.comes(0);
    await accepts(far);
    expect(signals.map((signal) => signal?.aborted)).toEqual([false]);
    await far.say(receipt);
    expect(await result).toEqual({ bytes: 5, files: 1 });
    expect(notes).toEqual(['accepted', 'closed']);
    expect(signals[0]?.reason).toMatchObject({ code: 'ERR_INTERRUPTED' });
  });

  test('meets a recipient again that has heard its offer, as often as they lose each other', async () => {
    const { first, notes, waits, result, returns } = begun();
    const far = await first.comes(0);
    await accepts(far);
    far.stream.destroy();
    await expect.poll(() => notes).toHaveLength(2);
    expect(notes).toEqual(['accepted', expect.stringContaining('away: the')]);
    const second = await returns(1).comes(0);
    await second.say({ type: 'manifest-request' });
    await expect.poll(() => kinds(second.heard)).toEqual(['manifest']);
    second.stream.destroy();
    const offeredAgain = returns.bind(undefined, 2);
    await expect.poll(() => waits).toHaveLength(2);
    const third = await offeredAgain().comes(0);
    await accepts(third);
    await third.say(receipt);
    expect(await result).toEqual({ bytes: 5, files: 1 });
    // The acceptance is noted once.
    expect(notes.filter((what) => what === 'accepted')).toHaveLength(1);
    expect(notes.filter((what) => what.startsWith('met'))).toEqual(['met 1', 'met 2']);
    expect(notes.at(-1)).toBe('closed');
  });

  test('goes over to a recipient that comes again before its streams seem dead', async () => {
    const { first, notes, result, returns } = begun();
    const far = await first.comes(0);
    await accepts(far);
    const second = await returns(1).comes(0);
    await expect.poll(() => far.hasEnded).toBe(true);
    await accepts(second);
    await second.say(receipt);
    expect(await result).toEqual({ bytes: 5, files: 1 });
    // It was never away.
    expect(notes).toEqual(['accepted', 'met 1', 'closed']);
  });

  test('looks first for one that it has lost in an earlier process', async () => {
    const { notes, result, returns } = begun({ met: undefined });
    await expect.poll(() => notes).toEqual(['away: undefined']);
    const far = await returns(4).comes(0);
    await accepts(far);
    await far.say(receipt);
    expect(await result).toEqual({ bytes: 5, files: 1 });
    expect(notes).toEqual(['away: undefined', 'met 4', 'accepted', 'closed']);
  });

  test('notes once that a recipient takes whatever it is offered', async () => {
    const { first, notes, result } = begun({ hasAgreed: true });
    const far = await first.comes(0);
    await expect.poll(() => kinds(far.heard)).toEqual(['manifest', 'data']);
    far.stream.destroy();
    const again = await first.comes(2049);
    await accepts(again);
    await again.say(receipt);
    await result;
    expect(notes).toEqual(['agreed', 'accepted', 'closed']);
  });

  test('does not look again for who has heard nothing of the offer', async () => {
    const { first, notes, result } = begun({ mayOffer: new Promise(() => undefined) });
    const far = await first.comes(0);
    await far.say({ type: 'away', reason: 'suspended' });
    expect(await result).toMatchObject({ code: 'ERR_PEER_GONE' });
    expect(notes).toEqual(['closed']);
  });

  test('looks again for who has heard it and thinks about it', async () => {
    const { first, notes, result, returns } = begun();
    const far = await first.comes(0);
    await expect.poll(() => kinds(far.heard)).toEqual(['manifest']);
    await far.say({ type: 'away', reason: 'suspended' });
    await expect.poll(() => notes).toHaveLength(1);
    const second = await returns(1).comes(0);
    await accepts(second);
    await second.say(receipt);
    expect(await result).toEqual({ bytes: 5, files: 1 });
  });

  test('ends with what is no lost connection, on either side', async () => {
    const declined = begun();
    const far = await declined.first.comes(0);
    await far.say({ type: 'abort', reason: 'refused' });
    expect(await declined.result).toMatchObject({ code: 'ERR_REFUSED' });
    expect(declined.notes).toEqual(['closed']);
    const ending = new AbortController();
    const aborted = begun({ signal: ending.signal });
    const other = await aborted.first.comes(0);
    await accepts(other);
    const reason = new OnionferryError('ERR_INTERRUPTED', 'enough');
    ending.abort(reason);
    expect(await aborted.result).toBe(reason);
    expect(other.heard.at(-1)).toMatchObject({ control: { type: 'abort', reason: 'cancelled' } });
    expect(aborted.notes).toEqual(['accepted', 'closed']);
  });

  test('gives up after the time that its user gives the other side, or if they cannot meet', async () => {
    const patient = begun({ awayMaxMs: 20, met: undefined });
    expect(await patient.result).toMatchObject({ code: 'ERR_PEER_GONE' });
    expect(patient.notes).toEqual(['away: undefined', 'closed']);
    const lost = begun({ met: undefined });
    lost.waits[0]?.reject(broke);
    expect(await lost.result).toMatchObject({ code: 'ERR_PEER_GONE' });
  });

  test('ends where each meeting brings nothing but a tampered stream', async () => {
    const { first, notes, result } = begun({ tamperedMax: 1 });
    const far = await first.comes(0);
    await accepts(far);
    await far.say({ type: 'abort', reason: 'tampered' });
    expect(await result).toMatchObject({ code: 'ERR_STREAM' });
    expect(notes).toEqual(['accepted', 'closed']);
  });

  test('goes over also to one that has heard nothing of the offer yet', async () => {
    const { first, notes, result, returns } = begun({ mayOffer: new Promise(() => undefined) });
    const far = await first.comes(0);
    await far.stream.established();
    returns(1);
    await expect.poll(() => notes).toEqual(['met 1']);
    await expect.poll(() => far.hasEnded).toBe(true);
    void result;
  });

  test('looks again for who has come back and gone without a word', async () => {
    const { notes, waits, returns } = begun({ met: undefined });
    const far = await returns(1).comes(0);
    await far.say({ type: 'away', reason: 'suspended' });
    await expect.poll(() => waits).toHaveLength(2);
    await expect.poll(() => notes.at(-1)).toContain('away: the recipient');
    waits[1]?.reject(new OnionferryError('ERR_REFUSED', 'the test is over'));
  });

  test('needs nobody who listens, and tells who does', async () => {
    const silent = begun({
      ...{ hasAgreed: true, onAgreed: undefined, onAccepted: undefined },
      onAway: undefined as never,
      onMet: undefined as never,
    });
    const far = await silent.first.comes(0);
    await accepts(far);
    far.stream.destroy();
    const second = await silent.returns(1).comes(0);
    await accepts(second);
    await second.say(receipt);
    expect(await silent.result).toEqual({ bytes: 5, files: 1 });
    const told: unknown[] = [];
    const { first, result } = begun({
      onStreams: (streams) => void told.push(streams),
      onWritten: (bytes, wanted) => void told.push([bytes, wanted]),
    });
    const other = await first.comes(0);
    await accepts(other);
    await other.say(receipt);
    await result;
    expect(told).toEqual([1, [0, 5], [5, 5], 0]);
  });

  test('tells of a recipient that answers and takes nothing, or does not finish', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
    onTestFinished(() => void vi.useRealTimers());
    const phrases: string[] = [];
    const { first, result } = begun({
      stallTellMs: 2_000,
      onStalled: (phrase) => void phrases.push(phrase),
    });
    const far = await first.comes(0);
    await accepts(far);
    vi.advanceTimersByTime(2_000);
    expect(phrases).toEqual(['the recipient has taken nothing for 2 s']);
    await far.say({ type: 'ack', frames: 1 });
    await far.say({ type: 'open-streams', streams: [1] });
    await expect.poll(() => first.opened).toContain(1);
    vi.advanceTimersByTime(2_000);
    expect(phrases.at(-1)).toBe('the recipient has been finishing for 2 s');
    await far.say(receipt);
    await result;
  });
});
