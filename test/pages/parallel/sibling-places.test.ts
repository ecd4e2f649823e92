import { once } from 'node:events';
import { expect, test } from 'vitest';
import { type Held, heldAtSibling, slowShare, ticketFor } from '../share/slow-share.js';

test('when siblings run short of connections, the visitor with most gives way, as tickets tell', async () => {
  const share = await slowShare({ connections: 8, newcomers: 2 });
  const [few, many] = [await ticketFor(share, 1), await ticketFor(share, 2)];
  // Each is kept for a next request; those of the visitor with few have been idle for longest.
  const kept = (ticket: string): Promise<Held> =>
    heldAtSibling(share, ticket, 'Range: bytes=0-0\r\n');
  const honest = [await kept(few), await kept(few)];
  const [longestIdle] = [await kept(many), await kept(many), await kept(many), await kept(many)];
  const ended = [...honest, longestIdle].map(({ socket }, index) =>
    once(socket.resume(), 'close').then(() => index),
  );
  await kept(many);
  expect(await Promise.race(ended)).toBe(2);
});
