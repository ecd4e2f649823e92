import { describe, expect, test } from 'vitest';
import { deferred } from '../../../src/base/deferred.js';
import { OnionferryError } from '../../../src/base/errors.js';
import type { Control } from '../../../src/stream/message.js';
import { Ranges } from '../../../src/stream/ranges.js';
import { type FarEnd, kinds } from '../support/other-side.js';
import {
  begun,
  CHUNK,
  content,
  LENGTH,
  outOfTurn,
  receipt,
  whole,
} from '../support/sender-in-session.js';

describe('a sender in its first meeting', () => {
  test('offers, sends what was accepted, and ends with the receipt', async () => {
    const { comes, digest, notes, written, result } = await begun();
    const far = await comes(0);
    await expect.poll(() => kinds(far.heard)).toEqual(['manifest']);
    expect(notes).toEqual(['offered']);
    await far.say({ type: 'accept', manifest: digest });
    await expect.poll(() => kinds(far.heard)).toContain('data');
    expect(notes).toEqual(['offered', 'accepted']);
    expect(written).toEqual([[0, LENGTH, undefined]]);
    const [, first] = far.heard;
    const length = first?.frame === 'data' ? first.content.length : Number.NaN;
    await far.say({ type: 'ack', frames: 1 });
    await expect.poll(() => written.at(-1)).toEqual([length, LENGTH, length - 1]);
    far.acknowledges();
    await expect.poll(() => content(far)).toEqual(whole);
    await far.say(receipt(LENGTH));
    expect(await result).toEqual({ bytes: LENGTH, files: 1 });
    expect(written.at(-1)).toEqual([LENGTH, LENGTH, LENGTH - 1]);
    expect(kinds(far.heard).at(-1)).toBe('receipt-ack');
  });

  test('says first how many streams its user wants, over the first alone', async () => {
    const { comes, digest, result } = await begun({ circuits: 2 });
    const far = await comes(0);
    await expect.poll(() => kinds(far.heard)).toEqual(['stream-limit', 'manifest']);
    expect(far.heard[0]).toEqual({
      frame: 'control',
      control: { type: 'stream-limit', streams: 2 },
    });
    await far.say({ type: 'open-streams', streams: [1] });
    const other = await comes(1);
    await far.say({ type: 'accept', manifest: digest });
    for (const end of [far, other]) end.acknowledges();
    await expect.poll(() => content(far, other)).toEqual(whole);
    expect(kinds(other.heard)).not.toContain('stream-limit');
    expect(kinds(other.heard)).not.toContain('manifest');
    await far.say(receipt(LENGTH));
    await result;
  });

  test('offers nothing before it may, and sends nothing before the acceptance is noted', async () => {
    const may = deferred<undefined>();
    const noted = deferred<undefined>();
    const { comes, digest, notes, result, ending } = await begun({
      mayOffer: may.promise,
      onAccepted: () => noted.promise,
    });
    const far = await comes(0);
    await far.say({ type: 'open-streams', streams: [1] });
    const other = await comes(1);
    expect([far.heard, notes]).toEqual([[], []]);
    may.resolve(undefined);
    await expect.poll(() => kinds(far.heard)).toEqual(['manifest']);
    await far.say({ type: 'accept', manifest: digest });
    await far.say({ type: 'open-streams', streams: [2] });
    const third = await comes(2);
    expect(content(far, other, third)).toEqual([]);
    noted.resolve(undefined);
    for (const end of [far, other, third]) end.acknowledges();
    await expect.poll(() => content(far, other, third)).toEqual(whole);
    ending.abort(new OnionferryError('ERR_INTERRUPTED', 'enough'));
    await result;
  });

  test.each(['offer', 'acceptance'])('ends when there is to be no %s', async (what) => {
    const no: Promise<void> = Promise.reject(new OnionferryError('ERR_UNVERIFIED', 'no'));
    no.catch(() => undefined);
    const { comes, digest, result } = await begun(
      what === 'offer' ? { mayOffer: no } : { onAccepted: () => no },
    );
    const far = await comes(0);
    if (what === 'acceptance') await far.say({ type: 'accept', manifest: digest });
    expect(await result).toMatchObject({ code: 'ERR_UNVERIFIED' });
    await expect
      .poll(() => far.heard.at(-1))
      .toEqual({
        frame: 'control',
        control: { type: 'abort', reason: 'unverified' },
      });
  });

  test('sends what is missing, and counts what the recipient has', async () => {
    const { comes, digest, written, result } = await begun();
    const far = await comes(0);
    await far.stream.send({ frame: 'have', ranges: new Ranges([[0, CHUNK]]) });
    await far.say({ type: 'accept', manifest: digest });
    await expect.poll(() => content(far)).toEqual([[CHUNK, LENGTH]]);
    expect(written[0]).toEqual([CHUNK, LENGTH, undefined]);
    await far.say(receipt(LENGTH));
    await result;
  });

  test('sends whole chunks again that were found damaged, and the last one as it is', async () => {
    const { comes, digest, result } = await begun();
    const far = await comes(0);
    await far.stream.send({ frame: 'have', ranges: new Ranges([[0, LENGTH]]) });
    await far.say({ type: 'accept', manifest: digest });
    await far.say({ type: 'resend', ranges: [[CHUNK, 2 * CHUNK]] });
    await expect.poll(() => content(far)).toEqual([[CHUNK, 2 * CHUNK]]);
    await far.say({ type: 'resend', ranges: [[2 * CHUNK, LENGTH]] });
    await expect.poll(() => content(far)).toEqual([[CHUNK, LENGTH]]);
    await far.say(receipt(LENGTH));
    expect(await result).toEqual({ bytes: LENGTH, files: 1 });
  });

  test('sends the part that is wanted, and takes a receipt for that alone', async () => {
    const { comes, digest, written, result } = await begun();
    const far = await comes(0);
    // As it says: it has what it does not want.
    await far.stream.send({ frame: 'have', ranges: new Ranges([[0, CHUNK]]) });
    await far.say({ type: 'accept', manifest: digest, wanted: CHUNK + 100 });
    await expect.poll(() => content(far)).toEqual([[CHUNK, LENGTH]]);
    expect(written[0]).toEqual([0, CHUNK + 100, undefined]);
    await far.say(receipt(CHUNK + 100));
    expect(await result).toEqual({ bytes: CHUNK + 100, files: 1 });
  });

  const have = (start: number, end: number): Parameters<FarEnd['stream']['send']>[0] => ({
    frame: 'have',
    ranges: new Ranges([[start, end]]),
  });
  test.each<[string, (far: FarEnd, accept: Control) => Promise<void>]>([
    ['names another offer', (far) => far.say({ type: 'accept', manifest: 'A'.repeat(43) })],
    ['asks for the offer', (far) => far.say({ type: 'manifest-request' })],
    ['says what is written of nothing', (far) => far.say({ type: 'ack', frames: 1 })],
    ['wants again what was never sent', (far) => far.say({ type: 'resend', ranges: [[0, CHUNK]] })],
    ['has all without a word', (far) => far.say(receipt(LENGTH))],
    [
      'wants again what is beyond the end',
      async (far, accept) => {
        await far.say(accept);
        await far.say({ type: 'resend', ranges: [[2 * CHUNK, 3 * CHUNK]] });
      },
    ],
    [
      'wants a part of a chunk again',
      async (far, accept) => {
        await far.say(accept);
        await far.say({ type: 'resend', ranges: [[CHUNK, CHUNK + 7]] });
      },
    ],
    [
      'wants again what begins within a chunk',
      async (far, accept) => {
        await far.say(accept);
        await far.say({ type: 'resend', ranges: [[7, CHUNK]] });
      },
    ],
    [
      'accepts twice',
      async (far, accept) => {
        await far.say(accept);
        await far.say(accept);
      },
    ],
    [
      'says what it has after it has accepted',
      async (far, accept) => {
        await far.say(accept);
        await far.stream.send(have(0, CHUNK));
      },
    ],
    [
      'has more than there is',
      async (far, accept) => {
        await far.stream.send(have(0, LENGTH + 1));
        await far.say(accept);
      },
    ],
    [
      'wants more than there is',
      (far, accept) => far.say({ ...accept, wanted: LENGTH + 1 } as Control),
    ],
    [
      'has received less than it wants',
      async (far, accept) => {
        await far.say(accept);
        await far.say(receipt(LENGTH - 1));
      },
    ],
    ['plays the sender', (far) => far.say({ type: 'receipt-ack' })],
    [
      'sends content itself',
      (far) => far.stream.send({ frame: 'data', position: 0, content: new Uint8Array(1) }),
    ],
    ['opens what is not its own', (far) => far.say({ type: 'open-streams', streams: [2049] })],
    ['opens a stream twice', (far) => far.say({ type: 'open-streams', streams: [1, 1] })],
  ])('ends when the recipient %s', async (_, says) => {
    const { comes, digest, result } = await begun();
    const far = await comes(0);
    says(far, { type: 'accept', manifest: digest }).catch(() => undefined);
    expect(await result).toMatchObject(outOfTurn);
    await expect.poll(() => far.hasEnded).toBe(true);
  });
});

describe('streams that the recipient asks for', () => {
  const numbers = (first: number, count: number): number[] =>
    Array.from({ length: count }, (_, i) => first + i);

  test('are opened up to 32, and those in place of others that take long', async () => {
    const { comes, opened, result, ending } = await begun();
    const far = await comes(0);
    await far.say({ type: 'open-streams', streams: numbers(1, 31) });
    await expect.poll(() => opened.length).toBe(32);
    // Of those that are given up, eight may still be ending.
    await far.say({ type: 'open-streams', streams: numbers(32, 16) });
    await expect.poll(() => opened.length).toBeGreaterThan(32);
    expect(opened).toEqual(numbers(0, opened.length));
    expect(opened.length).toBeLessThanOrEqual(40);
    ending.abort(new OnionferryError('ERR_INTERRUPTED', 'enough'));
    await result;
  });

  test('are opened up to what its user wants, as long as they live', async () => {
    const counts: number[] = [];
    const onStreams = (count: number): void => void counts.push(count);
    const { comes, opened, result, ending, digest } = await begun({ circuits: 2, onStreams });
    const far = await comes(0);
    await far.say({ type: 'open-streams', streams: [1] });
    const other = await comes(1);
    await expect.poll(() => opened).toEqual([0, 1]);
    // It is over once two live, however often it is asked.
    await far.say({ type: 'open-streams', streams: [2] });
    await far.say({ type: 'accept', manifest: digest });
    for (const end of [far, other]) end.acknowledges();
    await expect.poll(() => content(far, other)).toEqual(whole);
    expect(opened).toEqual([0, 1]);
    other.stream.destroy();
    await expect.poll(() => counts.at(-1)).toBe(1);
    // The one that was not opened may be asked for again.
    await far.say({ type: 'open-streams', streams: [2] });
    await expect.poll(() => opened).toEqual([0, 1, 2]);
    ending.abort(new OnionferryError('ERR_INTERRUPTED', 'enough'));
    await result;
  });
});
