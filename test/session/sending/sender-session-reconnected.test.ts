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
  type World,
  whole,
} from '../support/sender-in-session.js';

describe('a sender in a later meeting', () => {
  test('offers only if it is asked, once over each stream, and sees that all is as it was', async () => {
    let looks = 0;
    const { comes, digest, notes, result } = await begun({
      generation: 3,
      verifyUnchanged: () => {
        looks++;
        return Promise.resolve();
      },
    });
    const far = await comes(0);
    await far.say({ type: 'manifest-request' });
    await expect.poll(() => kinds(far.heard)).toEqual(['manifest']);
    expect([notes, looks]).toEqual([[], 0]);
    await far.stream.send({ frame: 'have', ranges: new Ranges([[0, CHUNK]]) });
    await far.say({ type: 'accept', manifest: digest });
    await expect.poll(() => content(far)).toEqual([[CHUNK, LENGTH]]);
    expect(looks).toBe(1);
    await far.say(receipt(LENGTH));
    expect(await result).toEqual({ bytes: LENGTH, files: 1 });
  });

  test('ends if something has changed, before anything of it is sent', async () => {
    const changed = new OnionferryError('ERR_SOURCE_CHANGED', 'changed');
    const { comes, digest, result } = await begun({
      generation: 1,
      verifyUnchanged: () => Promise.reject(changed),
    });
    const far = await comes(0);
    await far.say({ type: 'accept', manifest: digest });
    expect(await result).toBe(changed);
    expect(content(far)).toEqual([]);
  });

  test('does not look again in the first', async () => {
    const { comes, digest, result } = await begun({
      verifyUnchanged: () => Promise.reject(new Error('it was looked at')),
    });
    const far = await comes(0);
    await far.say({ type: 'accept', manifest: digest });
    far.acknowledges();
    await expect.poll(() => content(far)).toEqual(whole);
    await far.say(receipt(LENGTH));
    expect(await result).toEqual({ bytes: LENGTH, files: 1 });
  });

  test('answers no second request, and none over another stream or after the acceptance', async () => {
    const ways = [
      async (far: FarEnd) => {
        await far.say({ type: 'manifest-request' });
        await far.say({ type: 'manifest-request' });
      },
      async (far: FarEnd, accept: Control) => {
        await far.say(accept);
        await far.say({ type: 'manifest-request' });
      },
      async (far: FarEnd, _: Control, comes: World['comes']) => {
        await far.say({ type: 'open-streams', streams: [1] });
        await (await comes(1)).say({ type: 'manifest-request' });
      },
    ];
    for (const says of ways) {
      const { comes, digest, result } = await begun({ generation: 1 });
      const far = await comes(0);
      says(far, { type: 'accept', manifest: digest }, comes).catch(() => undefined);
      expect(await result).toMatchObject(outOfTurn);
    }
  });

  test('answers a request when it may offer, and ends if it may not', async () => {
    const may = deferred<undefined>();
    may.promise.catch(() => undefined);
    const { comes, result } = await begun({ generation: 1, mayOffer: may.promise });
    const far = await comes(0);
    await far.say({ type: 'manifest-request' });
    may.reject(new OnionferryError('ERR_UNVERIFIED', 'no'));
    expect(await result).toMatchObject({ code: 'ERR_UNVERIFIED' });
    expect(kinds(far.heard)).not.toContain('manifest');
  });
});
