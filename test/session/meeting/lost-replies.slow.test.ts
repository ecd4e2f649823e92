import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { RelayClient } from '../../../src/relay-protocol/relay-client.js';
import { receiveTransfer } from '../../../src/session/receiving/receive-transfer.js';
import { sendTransfer } from '../../../src/session/sending/send-transfer.js';
import { openDestination } from '../../../src/transfer/destination/destination.js';
import { fileSource } from '../../../src/transfer/source/file-source.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { recipientSide, senderSide } from '../support/both-sides.js';
import { type LossyRelay, lossyRelay } from '../support/lossy-relay.js';
import { recipientAt, senderAt } from '../support/parties.js';

/** More replies than a meeting has: the last ones show that nothing was lost beyond its end. */
const REPLIES = 16;

async function carryThrough(
  sender: RelayClient,
  recipient: RelayClient,
  patience: LossyRelay['patience'],
): Promise<{ same: boolean }> {
  const [from, to] = [await temporaryDirectory(), await temporaryDirectory()];
  const content = randomBytes(300_000);
  await writeFile(join(from, 'file'), content);
  const channel = await senderAt(sender, patience);
  const [sending, receiving] = await Promise.all([
    channel.meet(),
    recipientAt(recipient, patience),
  ]);
  await using source = await fileSource([join(from, 'file')]);
  await Promise.all([
    sendTransfer({ ...senderSide(sender, sending), source }),
    receiveTransfer({
      ...recipientSide(recipient, receiving),
      accept: (manifest) => openDestination({ directory: to, manifest, conflict: 'fail' }),
    }),
  ]);
  await channel.close();
  return { same: content.equals(await readFile(join(to, 'file'))) };
}

describe.each(['close', 'silence'] as const)('a relay’s reply that is lost (%s)', (how) => {
  test.each(
    Array.from({ length: REPLIES }, (_, reply) => reply),
  )('never costs the transfer between two far sides: reply %i', async (reply) => {
    const { far, proxy, patience } = await lossyRelay({ reply, how });
    expect(await carryThrough(far(), far(), patience)).toEqual({ same: true });
    if (reply < 8) expect(proxy.replies()).toBeGreaterThan(reply);
  });

  test.each([
    0, 1, 2, 3, 4,
  ])('never costs the transfer from a sender that hosts the relay: reply %i', async (reply) => {
    const { far, local, patience } = await lossyRelay({ reply, how });
    expect(await carryThrough(local, far(), patience)).toEqual({ same: true });
  });
});
