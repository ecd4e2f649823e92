import { describe, expect, test } from 'vitest';
import { kinds } from '../support/other-side.js';
import {
  accepted,
  begun,
  data,
  LENGTH,
  offerOf,
  said,
  shelf,
} from '../support/recipient-in-session.js';

describe('a recipient in a later meeting', () => {
  test('begins by what it has of the offer that it took', async () => {
    const kept = shelf(LENGTH, [[0, 600]]);
    const offer = offerOf(kept, LENGTH);
    const { comes, session, result } = begun({ generation: 2, offer });
    const far = await comes(0);
    await expect.poll(() => kinds(far.heard).slice(0, 2)).toEqual(['have', 'accept']);
    expect(said('accept', far)).toMatchObject([{ manifest: offer.digest }]);
    expect(session.hasBegun).toBe(true);
    await far.stream.send(data(600, 400));
    await expect.poll(() => said('receipt', far)).toHaveLength(1);
    await far.say({ type: 'receipt-ack' });
    expect(await result).toMatchObject({ bytes: LENGTH });
  });

  test('begins by the receipt, if it has everything', async () => {
    const kept = shelf(LENGTH, [[0, LENGTH]]);
    const { comes, result } = begun({ generation: 2, offer: offerOf(kept, LENGTH) });
    const far = await comes(0);
    await expect.poll(() => kinds(far.heard)).toEqual(['have', 'accept', 'receipt']);
    await far.say({ type: 'receipt-ack' });
    expect(await result).toMatchObject({ bytes: LENGTH });
  });

  test('asks for the offer, if it has taken none', async () => {
    const { comes, asked, result } = begun({ generation: 1 });
    const far = await comes(0);
    await expect.poll(() => kinds(far.heard)).toEqual(['manifest-request']);
    await accepted(far);
    expect(asked).toHaveLength(1);
    await far.stream.send(data(0, LENGTH));
    await expect.poll(() => said('receipt', far)).toHaveLength(1);
    await far.say({ type: 'receipt-ack' });
    await result;
  });
});
