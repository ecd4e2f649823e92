import { describe, expect, test } from 'vitest';
import type { RelayClient } from '../../../src/relay-protocol/relay-client.js';
import type { Meeting } from '../../../src/session/meeting/meeting.js';
import { lossyRelay, PATIENCE } from '../support/lossy-relay.js';
import { recipientAgain, recipientAt, senderAgain, senderAt } from '../support/parties.js';

/** Of reconnecting, and some of the meeting before; which is whose depends on who is faster. */
const FIRST_FAR = 6;
const REPLIES_FAR = 14;

/** Meets by the words and carries something; then loses that and does the same once more. */
async function meetTwice(sender: RelayClient, recipient: RelayClient): Promise<void> {
  const channel = await senderAt(sender, PATIENCE);
  const [ours, theirs] = await Promise.all([channel.meet(), recipientAt(recipient, PATIENCE)]);
  await expectCarried(ours, theirs);
  const { resumption } = ours.keys;
  const again = { ...PATIENCE, resumption, tryMs: 5_000 };
  const sides = [
    senderAgain(sender, { ...again, current: ours }),
    recipientAgain(recipient, again),
  ] as const;
  const [once, more] = await Promise.all(sides.map((side) => side.meet()));
  await expectCarried(once!.meeting, more!.meeting);
  await Promise.all(sides.map((side) => side.close()));
}

/** Stream numbers are tried one after the other by both, as a transfer does. */
async function expectCarried(sender: Meeting, recipient: Meeting): Promise<void> {
  for (let number = 0; number < 3; number++) {
    const both = [sender.openStream(number), recipient.openStream(number)] as const;
    const [near, far] = await Promise.allSettled(both);
    if (near.status === 'rejected' || far.status === 'rejected') continue;
    await near.value.send({ frame: 'control', control: { type: 'receipt-ack' } });
    const heard = await far.value.messages().next();
    expect(heard.value).toMatchObject({ control: { type: 'receipt-ack' } });
    near.value.destroy();
    far.value.destroy();
    return;
  }
  expect.fail('no stream could be opened');
}

describe.each([
  'close',
  'silence',
] as const)('a relay’s reply that is lost when two meet again (%s)', (how) => {
  test.each(
    Array.from({ length: REPLIES_FAR }, (_, index) => FIRST_FAR + index),
  )('never keeps two remote sides from reconnecting: reply %i', async (reply) => {
    const { far, proxy } = await lossyRelay({ reply, how });
    await meetTwice(far(), far());
    if (reply < 14) expect(proxy.replies()).toBeGreaterThan(reply);
  });

  test.each([
    3, 4, 5, 6, 7,
  ])('never keeps the recipient from reconnecting to a sender that hosts the relay: reply %i', async (reply) => {
    const { far, local } = await lossyRelay({ reply, how });
    await meetTwice(local, far());
  });
});
