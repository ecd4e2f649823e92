import { randomBytes } from 'node:crypto';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { receiveTransfer } from '../../src/session/receiving/receive-transfer.js';
import { sendTransfer } from '../../src/session/sending/send-transfer.js';
import { openDestination } from '../../src/transfer/destination/destination.js';
import { fileSource } from '../../src/transfer/source/file-source.js';
import { farAccess, runningRelay } from '../relay/support/running-relay.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { recipientSide, senderSide } from './support/both-sides.js';
import { flippingRelay } from './support/flipping-relay.js';
import { recipientAt, senderAt } from './support/parties.js';

test('a relay that changes a byte of every 100 kB holds nobody, and both sides are told so', async () => {
  const [from, to] = [await temporaryDirectory(), await temporaryDirectory()];
  await writeFile(join(from, 'f'), randomBytes(32 * 1024 * 1024));
  await using source = await fileSource([join(from, 'f')]);
  const relay = await runningRelay();
  const far = flippingRelay(farAccess(relay), 100_000);
  const channel = await senderAt(relay.local);
  const [theirs, ours] = await Promise.all([channel.meet(), recipientAt(far)]);
  const [sent, got] = await Promise.allSettled([
    sendTransfer({ ...senderSide(relay.local, theirs), source }),
    receiveTransfer({
      ...recipientSide(far, ours),
      accept: (manifest) => openDestination({ directory: to, manifest, conflict: 'rename' }),
    }),
  ]);
  await channel.close();
  expect([sent, got]).toMatchObject([
    { status: 'rejected', reason: { code: 'ERR_STREAM', course: 'peer-ended' } },
    { status: 'rejected', reason: { code: 'ERR_STREAM', course: 'final' } },
  ]);
  expect(await readdir(to)).toEqual([]);
});
