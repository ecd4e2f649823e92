import { describe, expect, test } from 'vitest';
import { deferred } from '../../../src/base/deferred.js';
import { OnionferryError } from '../../../src/base/errors.js';
import type { Growth } from '../../../src/session/sending/source.js';
import type { Control } from '../../../src/stream/message.js';
import { kinds } from '../support/other-side.js';
import { begun, CHUNK, content, outOfTurn, receipt } from '../support/sender-in-session.js';

describe('a sender of what grows', () => {
  /** So much is there; more comes when the test says so. */
  class Growing implements Growth {
    length = CHUNK;
    isOver = false;
    released = 0;
    #more = deferred<number>();

    more(): Promise<number> {
      return this.#more.promise;
    }

    grows(bytes: number): void {
      const { resolve } = this.#more;
      this.#more = deferred<number>();
      this.length += bytes;
      this.isOver = bytes === 0;
      resolve(bytes);
    }

    release(position: number): void {
      this.released = position;
    }
  }

  test('sends what comes, lets go what is written, and says where it ends', async () => {
    const growth = new Growing();
    const { comes, digest, written, result } = await begun({ size: null, growth, hasAgreed: true });
    const far = await comes(0);
    await far.say({ type: 'accept', manifest: digest });
    await expect.poll(() => kinds(far.heard)).toContain('data');
    expect(written).toEqual([[0, null, undefined]]);
    far.acknowledges();
    await expect.poll(() => growth.released).toBe(CHUNK);
    expect(written.at(-1)).toEqual([CHUNK, null, CHUNK - 1]);
    growth.grows(500);
    await expect.poll(() => content(far)).toEqual([[0, CHUNK + 500]]);
    growth.grows(0);
    await expect.poll(() => kinds(far.heard).at(-1)).toBe('content-end');
    await far.say(receipt(CHUNK + 500));
    expect(await result).toEqual({ bytes: CHUNK + 500, files: 1 });
  });

  test.each<[string, Control[]]>([
    ['a receipt before its end', [receipt(CHUNK)]],
    ['a part of it', [{ type: 'accept', manifest: '', wanted: 1 }]],
    ['anything again', [{ type: 'resend', ranges: [[0, CHUNK]] }]],
  ])('takes no word of %s', async (_, says) => {
    const { comes, digest, result } = await begun({ size: null, growth: new Growing() });
    const far = await comes(0);
    for (const control of says) {
      if (control.type === 'accept') await far.say({ ...control, manifest: digest });
      else {
        await far.say({ type: 'accept', manifest: digest });
        far.say(control).catch(() => undefined);
      }
    }
    expect(await result).toMatchObject(outOfTurn);
  });

  test('ends when there is no more to be had of it', async () => {
    const failing: Growth = {
      ...{ length: 0, isOver: false, release: () => undefined },
      more: () => Promise.reject(new OnionferryError('ERR_SOURCE', 'gone')),
    };
    const { comes, digest, result } = await begun({ size: null, growth: failing });
    const far = await comes(0);
    await far.say({ type: 'accept', manifest: digest });
    expect(await result).toMatchObject({ code: 'ERR_SOURCE' });
  });
});
