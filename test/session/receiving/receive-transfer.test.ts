import { describe, expect, test } from 'vitest';
import { deferred } from '../../../src/base/deferred.js';
import { OnionferryError } from '../../../src/base/errors.js';
import { kinds } from '../support/other-side.js';
import {
  accepted,
  begun,
  data,
  destinationOf,
  LENGTH,
  manifestOf,
  noted,
  offered,
  says,
  type World,
} from '../support/recipient-in-transfer.js';

describe('a recipient', () => {
  test('has everything when the sender knows that, and tells what is written', async () => {
    const written: [number, number | undefined][] = [];
    const made = begun({ onWritten: (bytes, { at }) => void written.push([bytes, at]) });
    const far = await made.first.comes(0);
    await accepted(far);
    await far.stream.send(data(0, 400));
    await far.stream.send(data(400, 600));
    await says(far, 'receipt');
    await far.say({ type: 'receipt-ack' });
    expect(await made.result).toMatchObject({ bytes: LENGTH, files: [{ path: 'x' }] });
    expect(written).toEqual([
      [400, 399],
      [1_000, 999],
    ]);
    expect(noted(made)).toEqual(['asked', 'finishing', 'closed']);
  });

  test.each([
    [1024 * 1024, true],
    [1024 * 1024 + 1, false],
    [null, false],
  ])('needs no other circuits for what is small: %j bytes', async (size, isSmall) => {
    const made = begun();
    const far = await made.first.comes(0);
    await offered(far, size);
    await says(far, 'accept');
    expect(made.notes).toEqual(isSmall ? ['released', 'asked'] : ['asked']);
    far.stream.destroy();
    // Nor for what is over.
    await expect.poll(() => made.notes.at(-1)).toBe('away: ERR_PEER_GONE');
    expect(made.notes.at(-2)).toBe('released');
  });

  test('needs nobody who listens, and tells how many streams there are', async () => {
    const streams: number[] = [];
    const made = begun({
      ...{ onAway: undefined as never, onMet: undefined as never },
      onStreams: (count) => void streams.push(count),
    });
    const far = await made.first.comes(0);
    await accepted(far);
    far.stream.destroy();
    await expect.poll(() => made.waits).toHaveLength(1);
    const second = await made.returns(1).comes(0);
    await second.stream.send(data(0, LENGTH));
    await says(second, 'receipt');
    await second.say({ type: 'receipt-ack' });
    expect(await made.result).toMatchObject({ bytes: LENGTH });
    expect(streams).toEqual([1, 0, 1, 0]);
  });

  test('meets the sender again when every stream is lost, and asks nobody once more', async () => {
    const made = begun();
    const far = await made.first.comes(0);
    await accepted(far);
    await far.stream.send(data(0, 400));
    await says(far, 'ack');
    far.stream.destroy();
    await expect.poll(() => noted(made)).toEqual(['asked', 'away: ERR_PEER_GONE']);
    const second = await made.returns(1).comes(0);
    await expect.poll(() => kinds(second.heard).slice(0, 2)).toEqual(['have', 'accept']);
    await second.stream.send(data(400, 600));
    await says(second, 'receipt');
    await second.say({ type: 'receipt-ack' });
    expect(await made.result).toMatchObject({ bytes: LENGTH });
    expect(noted(made)).toEqual(['asked', 'away: ERR_PEER_GONE', 'met 1', 'finishing', 'closed']);
  });

  test('has one answer for all meetings while a person is asked', async () => {
    const answer = deferred<undefined>();
    const made: World = begun({
      accept: async () => {
        made.notes.push('asked');
        await answer.promise;
        return destinationOf(made.notes, Promise.resolve());
      },
    });
    const far = await made.first.comes(0);
    await offered(far);
    await expect.poll(() => noted(made)).toEqual(['asked']);
    await far.say({ type: 'away', reason: 'suspended' });
    await expect.poll(() => made.waits).toHaveLength(1);
    const second = await made.returns(1).comes(0);
    await says(second, 'manifest-request');
    await offered(second);
    await new Promise(setImmediate);
    answer.resolve(undefined);
    await says(second, 'accept');
    expect(noted(made).filter((what) => what === 'asked')).toHaveLength(1);
    await second.say({ type: 'abort', reason: 'cancelled' });
    expect(await made.result).toMatchObject({ code: 'ERR_PEER_GONE' });
    expect(noted(made).slice(-2)).toEqual(['removed', 'closed']);
  });

  test('who declines while the sender is away looks for it no longer', async () => {
    const answer = deferred<never>();
    const asked = deferred<undefined>();
    const made = begun({
      accept: () => {
        asked.resolve(undefined);
        return answer.promise;
      },
    });
    const far = await made.first.comes(0);
    await offered(far);
    await asked.promise;
    await far.say({ type: 'away', reason: 'suspended' });
    await expect.poll(() => made.waits).toHaveLength(1);
    const declined = new OnionferryError('ERR_REFUSED', 'no');
    answer.reject(declined);
    expect(await made.result).toBe(declined);
  });

  test('does not look again for a sender that it has not heard', async () => {
    const made = begun();
    const far = await made.first.comes(0);
    await far.say({ type: 'away', reason: 'suspended' });
    expect(await made.result).toMatchObject({ code: 'ERR_PEER_GONE' });
    expect(noted(made)).toEqual(['closed']);
  });

  test('looks again in a later meeting also for one that it has not heard', async () => {
    const made = begun({ met: undefined });
    await expect.poll(() => noted(made)).toEqual(['away: undefined']);
    const far = await made.returns(3).comes(0);
    await says(far, 'manifest-request');
    await far.say({ type: 'away', reason: 'suspended' });
    await expect.poll(() => made.waits).toHaveLength(2);
    expect(noted(made)).toEqual(['away: undefined', 'met 3', 'away: ERR_PEER_GONE']);
    made.waits[1]?.reject(new OnionferryError('ERR_REFUSED', 'the test is over'));
    await made.result;
  });
});

test('what an earlier process has taken goes on without a question', async () => {
  const notes: string[] = [];
  const destination = destinationOf(notes, Promise.resolve());
  destination.written.add(0, 600);
  const made = begun({
    met: undefined,
    resumed: { manifest: manifestOf(LENGTH), digest: 'D'.repeat(43), destination },
  });
  const far = await made.returns(5).comes(0);
  await expect.poll(() => kinds(far.heard).slice(0, 2)).toEqual(['have', 'accept']);
  await far.stream.send(data(600, 400));
  await says(far, 'receipt');
  await far.say({ type: 'receipt-ack' });
  expect(await made.result).toMatchObject({ bytes: LENGTH });
  expect(made.notes).toEqual(['away: undefined', 'met 5', 'closed']);
});
