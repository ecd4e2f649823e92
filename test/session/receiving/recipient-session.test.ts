import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { deferred } from '../../../src/base/deferred.js';
import { OnionferryError } from '../../../src/base/errors.js';
import type { TakenOffer } from '../../../src/session/receiving/recipient-session.js';
import { Ranges } from '../../../src/stream/ranges.js';
import { TokenBucket } from '../../../src/stream/token-bucket.js';
import { type FarEnd, kinds } from '../support/other-side.js';
import {
  accepted,
  begun,
  data,
  LENGTH,
  MIB,
  offered,
  offerOf,
  outOfTurn,
  said,
  shelf,
} from '../support/recipient-in-session.js';

describe('a recipient in its first meeting', () => {
  test('takes the offer, acknowledges what comes, and ends when the sender has its receipt', async () => {
    const { comes, session, shelf: kept, asked, result } = begun();
    const far = await comes(0);
    expect(session.hasBegun).toBe(false);
    await accepted(far);
    expect(said('accept', far)).toEqual([{ type: 'accept', manifest: asked[0] }]);
    expect(session.hasBegun).toBe(true);
    await far.stream.send(data(0, 400));
    await expect.poll(() => said('ack', far)).toEqual([{ type: 'ack', frames: 1 }]);
    await far.stream.send({ frame: 'zeros', position: 400, length: 600 });
    await expect
      .poll(() => said('receipt', far))
      .toEqual([{ type: 'receipt', bytes: LENGTH, files: 1 }]);
    expect(kept.content.subarray(0, 400)).toEqual(new Uint8Array(400).fill(7));
    expect(kinds(far.heard)).not.toContain('have');
    await far.say({ type: 'receipt-ack' });
    expect(await result).toMatchObject({ bytes: LENGTH, files: [{ path: 'x' }] });
  });

  test('has what it has, if the sender is not there to hear of its receipt', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const { comes, result } = begun();
    const far = await comes(0);
    await accepted(far);
    await far.stream.send(data(0, LENGTH));
    await expect.poll(() => said('receipt', far)).toHaveLength(1);
    let isOver = false;
    void result.then(() => (isOver = true));
    await vi.advanceTimersByTimeAsync(9_000);
    expect(isOver).toBe(false);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await result).toMatchObject({ bytes: LENGTH });
    expect(vi.getTimerCount()).toBe(0);
  });

  test('says what it has before it accepts, and how much it wants', async () => {
    const kept = shelf(LENGTH, [[0, 100]], 100);
    const { comes, result } = begun({ kept });
    const far = await comes(0);
    await offered(far);
    await expect.poll(() => kinds(far.heard)).toEqual(['have', 'accept']);
    expect(far.heard[0]).toMatchObject({ ranges: new Ranges([[0, 100]]) });
    expect(said('accept', far)).toMatchObject([{ wanted: LENGTH - 100 }]);
    await far.stream.send(data(100, LENGTH - 100));
    await expect.poll(() => said('receipt', far)).toMatchObject([{ bytes: LENGTH - 100 }]);
    await far.say({ type: 'receipt-ack' });
    await result;
  });

  test('asks again, over any stream that lives, for what proves to be damaged', async () => {
    const kept = shelf(LENGTH, [[0, 600]]);
    const { comes, result } = begun({ kept });
    const far = await comes(0);
    await accepted(far);
    kept.corrupt(200, 300);
    await expect
      .poll(() => said('resend', far))
      .toEqual([{ type: 'resend', ranges: [[200, 300]] }]);
    await far.stream.send(data(600, 400));
    await far.stream.send(data(200, 100));
    await expect.poll(() => said('receipt', far)).toHaveLength(1);
    await far.say({ type: 'receipt-ack' });
    expect(await result).toMatchObject({ bytes: LENGTH });
  });

  test('ends with the stream over which it has asked again in vain', async () => {
    const kept = shelf(8 * MIB, [[0, 600]]);
    const { comes, opened, result } = begun({ kept, size: 8 * MIB, circuits: 2 });
    const far = await comes(0);
    await offered(far, 8 * MIB);
    await expect.poll(() => opened).toEqual([0, 1]);
    const other = await comes(1);
    kept.corrupt(200, 300);
    await expect.poll(() => said('resend', far, other)).toHaveLength(1);
    far.stream.destroy();
    expect(await result).toMatchObject({ code: 'ERR_PEER_GONE' });
    await expect.poll(() => other.hasEnded).toBe(true);
  });

  test('goes on over the others when a stream breaks that owes nothing', async () => {
    const kept = shelf(8 * MIB, [[0, 600]]);
    const { comes, opened, result, ending } = begun({ kept, size: 8 * MIB, circuits: 2 });
    const far = await comes(0);
    await offered(far, 8 * MIB);
    await expect.poll(() => opened).toEqual([0, 1]);
    const other = await comes(1);
    kept.corrupt(200, 300);
    await far.stream.send(data(200, 100));
    await expect.poll(() => said('ack', far)).toHaveLength(1);
    far.stream.destroy();
    await other.stream.send(data(600, 100));
    await expect.poll(() => said('ack', other)).toHaveLength(1);
    expect(kept.destination.written.has(0, 700)).toBe(true);
    ending.abort(new OnionferryError('ERR_INTERRUPTED', 'enough'));
    await result;
  });

  test('declines with the reason', async () => {
    const { comes, session, result } = begun({
      take: () => Promise.reject(new OnionferryError('ERR_REFUSED', 'no')),
    });
    const far = await comes(0);
    await offered(far);
    expect(await result).toMatchObject({ code: 'ERR_REFUSED' });
    await expect.poll(() => said('abort', far)).toEqual([{ type: 'abort', reason: 'refused' }]);
    expect(session.hasBegun).toBe(true);
  });

  test('ends with what its destination fails with', async () => {
    const kept = shelf(LENGTH);
    kept.destination.write = () =>
      Promise.reject(new OnionferryError('ERR_DESTINATION', 'no disk'));
    const { comes, result } = begun({ kept });
    const far = await comes(0);
    await accepted(far);
    await far.stream.send(data(0, 10));
    expect(await result).toMatchObject({ code: 'ERR_DESTINATION' });
  });

  test('takes no more at a time than its user lets pass', async () => {
    const throttle = new TokenBucket(100);
    const taken = vi.spyOn(throttle, 'take');
    const { comes, shelf: kept, result, ending } = begun({ throttle });
    const far = await comes(0);
    await accepted(far);
    await far.stream.send(data(0, 600));
    await far.stream.send(data(600, 400));
    await expect.poll(() => taken.mock.calls.map(([bytes]) => bytes)).toEqual([600, 400]);
    expect(kept.destination.written.has(0, 600)).toBe(true);
    expect(kept.destination.written.has(600, 601)).toBe(false);
    ending.abort(new OnionferryError('ERR_INTERRUPTED', 'enough'));
    await result;
  });

  test('answers nobody when all is over before a person has', async () => {
    const answer = deferred<TakenOffer>();
    const { comes, result, ending } = begun({ take: () => answer.promise });
    const far = await comes(0);
    await offered(far);
    await new Promise(setImmediate);
    const over = new OnionferryError('ERR_INTERRUPTED', 'enough');
    ending.abort(over);
    answer.resolve(offerOf(shelf(LENGTH), LENGTH));
    expect(await result).toBe(over);
    expect(kinds(far.heard)).not.toContain('accept');
  });

  test.each<[string, (far: FarEnd) => Promise<void>]>([
    ['content before there is an offer', (far) => far.stream.send(data(0, 1))],
    ['zeros before', (far) => far.stream.send({ frame: 'zeros', position: 0, length: 1 })],
    ['the end of nothing', (far) => far.say({ type: 'content-end', total: 0 })],
    ['that it has a receipt which nobody gave', (far) => far.say({ type: 'receipt-ack' })],
    ['what only a recipient says', (far) => far.say({ type: 'manifest-request' })],
    [
      'what it has itself',
      (far) => far.stream.send({ frame: 'have', ranges: new Ranges([[0, 1]]) }),
    ],
    [
      'two offers at once',
      async (far) => {
        await offered(far);
        await offered(far);
      },
    ],
  ])('ends when the sender says %s', async (_, says) => {
    const { comes, result } = begun();
    const far = await comes(0);
    says(far).catch(() => undefined);
    expect(await result).toMatchObject(outOfTurn);
    await expect.poll(() => said('abort', far)).toMatchObject([{ reason: 'protocol' }]);
  });

  test('takes no second offer, and none over a stream that was added', async () => {
    const late = begun();
    const far = await late.comes(0);
    await accepted(far);
    await offered(far);
    expect(await late.result).toMatchObject(outOfTurn);
    const added = begun({
      kept: shelf(8 * MIB),
      size: 8 * MIB,
      circuits: 2,
      generation: 1,
      offer: offerOf(shelf(8 * MIB), 8 * MIB),
    });
    await added.comes(0);
    await expect.poll(() => added.opened).toContain(1);
    await offered(await added.comes(1));
    expect(await added.result).toMatchObject(outOfTurn);
  });
});

describe('streams', () => {
  /** So much that it is worth many. */
  const large = { kept: shelf(0), size: 1024 * MIB };

  test('are asked for, up to what either side wants', async () => {
    for (const [own, theirs, expected] of [
      [undefined, undefined, 8],
      [3, undefined, 3],
      [undefined, 2, 2],
      [3, 2, 2],
      [2, 3, 2],
    ] as const) {
      const { comes, opened, result, ending } = begun({ ...large, circuits: own });
      const far = await comes(0);
      if (theirs !== undefined) await far.say({ type: 'stream-limit', streams: theirs });
      await offered(far, large.size);
      await expect.poll(() => opened).toHaveLength(expected);
      const asked = (): number[] => said('open-streams', far).flatMap(({ streams }) => streams);
      await expect.poll(asked).toEqual(opened.slice(1));
      ending.abort(new OnionferryError('ERR_INTERRUPTED', 'enough'));
      await result;
    }
  });

  test('are given up for good when the sender wants fewer, which says nothing about it', async () => {
    const { comes, opened, result, ending } = begun({ ...large, circuits: 3 });
    const far = await comes(0);
    await offered(far, large.size);
    await expect.poll(() => opened).toEqual([0, 1, 2]);
    const [second, third] = [await comes(1), await comes(2)];
    await far.say({ type: 'stream-limit', streams: 1 });
    await expect.poll(() => [second.hasEnded, third.hasEnded]).toEqual([true, true]);
    await far.stream.send(data(0, 0));
    expect(far.hasEnded).toBe(false);
    expect(opened).toEqual([0, 1, 2]);
    ending.abort(new OnionferryError('ERR_INTERRUPTED', 'enough'));
    await result;
  });
});

test('content of unknown length ends where the sender says', async () => {
  const kept = shelf(LENGTH);
  const { comes, result } = begun({ kept, size: null });
  const far = await comes(0);
  await accepted(far, null);
  await far.stream.send(data(0, 700));
  await far.say({ type: 'content-end', total: 700 });
  await expect.poll(() => said('receipt', far)).toMatchObject([{ bytes: 700 }]);
  await far.say({ type: 'receipt-ack' });
  expect(await result).toMatchObject({ bytes: 700 });
});
