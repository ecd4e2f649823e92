import { expect, test } from 'vitest';
import { farAccess, runningRelay } from '../../relay/support/running-relay.js';
import { retold } from '../support/altered-access.js';
import { recipientAt, senderAt } from '../support/parties.js';

test('a relay that never has an attempt to give holds a recipient no longer than its turn may take', async () => {
  const running = await runningRelay();
  const channel = await senderAt(running.local);
  const meeting = channel.meet();
  meeting.catch(() => undefined);
  let revision = 0;
  const lying = retold(farAccess(running), {
    // Something new each time, but never a share.
    state: () => ({ role: 'recipient', revision: revision++, phase: 'waiting', stapled: false }),
  });
  await expect(recipientAt(lying, { turnDeadlineMs: 0, waitMs: 100 })).rejects.toMatchObject({
    code: 'ERR_RELAY_BUSY',
  });
  await channel.close();
});

test('a relay that never passes on the answer holds a recipient for a limited time, and asks of it no more than a few requests a second', async () => {
  const running = await runningRelay();
  const channel = await senderAt(running.local);
  const meeting = channel.meet();
  meeting.catch(() => undefined);
  let requests = 0;
  const lying = retold(farAccess(running), {
    request: () => requests++,
    state: (real) =>
      real.role === 'recipient' && real.phase === 'confirmed'
        ? { role: 'recipient', revision: requests, phase: 'answered', stapled: false }
        : real,
  });
  await expect(recipientAt(lying, { judgedMaxMs: 500, waitMs: 100 })).rejects.toMatchObject({
    code: 'ERR_RELAY_BUSY',
  });
  expect(requests).toBeLessThan(10);
  await channel.close();
});
