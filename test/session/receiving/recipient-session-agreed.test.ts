import { describe, expect, test } from 'vitest';
import { deferred } from '../../../src/base/deferred.js';
import {
  begun,
  data,
  LENGTH,
  offered,
  offerOf,
  outOfTurn,
  said,
  shelf,
} from '../support/recipient-in-session.js';

describe('content that comes right behind the offer', () => {
  test('is heard once a recipient that has agreed has taken the offer', async () => {
    const answer = deferred<undefined>();
    const kept = shelf(LENGTH);
    const { comes, result } = begun({
      hasAgreed: true,
      take: async () => {
        await answer.promise;
        return offerOf(kept, LENGTH);
      },
    });
    const far = await comes(0);
    await offered(far);
    await far.stream.send(data(0, LENGTH));
    await new Promise(setImmediate);
    expect(kept.destination.written.bytes).toBe(0);
    answer.resolve(undefined);
    await expect.poll(() => said('receipt', far)).toHaveLength(1);
    await far.say({ type: 'receipt-ack' });
    expect(await result).toMatchObject({ bytes: LENGTH });
  });

  test('is out of turn for any other', async () => {
    const { comes, result } = begun({ take: () => new Promise(() => undefined) });
    const far = await comes(0);
    await offered(far);
    await far.stream.send(data(0, LENGTH));
    expect(await result).toMatchObject(outOfTurn);
  });
});
