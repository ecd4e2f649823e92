import { describe, expect, test, vi } from 'vitest';
import type { RelayClient } from '../../../src/relay-protocol/relay-client.js';
import type { Meeting } from '../../../src/session/meeting/meeting.js';
import type { Reconnect } from '../../../src/session/reconnecting/reconnect.js';
import { type LossyRelay, lossyRelay } from '../support/lossy-relay.js';
import { recipientAgain, recipientAt, senderAgain, senderAt } from '../support/parties.js';

/** Of reconnecting, and some of the meeting before; which is whose depends on who is faster. */
const FIRST_FAR = 6;
const REPLIES_FAR = 14;

/** For the reply by which the sender hears of a meeting. */
const PATIENCE_MS = 60_000;
/** Of streams in one meeting: a busy machine may miss the time of more than that which was lost. */
const TRIES = 20;

/** Meets by the words and carries something; then loses that and does the same once more. */
async function meetTwice(
  sender: RelayClient,
  recipient: RelayClient,
  patience: LossyRelay['patience'],
): Promise<void> {
  const channel = await senderAt(sender, patience);
  const [ours, theirs] = await Promise.all([channel.meet(), recipientAt(recipient, patience)]);
  await expectCarried(ours, theirs);
  const { resumption } = ours.keys;
  const again = { ...patience, resumption };
  const sides = [
    senderAgain(sender, { ...again, current: ours }),
    recipientAgain(recipient, again),
  ] as const;
  await expectCarried(...(await meetAgain(...sides)));
  await Promise.all(sides.map((side) => side.close()));
}

/**
 * As in a transfer, the sender waits in the next channel as soon as it has met: a recipient that has
 * not heard of the proof in time gives that meeting up, and is found there.
 */
async function meetAgain(sender: Reconnect, recipient: Reconnect): Promise<[Meeting, Meeting]> {
  const ours = new Map<number, Meeting>();
  const waiting = (async (): Promise<never> => {
    for (;;) {
      const { generation, meeting } = await sender.meet();
      ours.set(generation, meeting);
    }
  })();
  const { generation, meeting } = await Promise.race([recipient.meet(), waiting]);
  const same = (): Meeting => ours.get(generation) ?? expect.fail('the sender is not there yet');
  return [await vi.waitFor(same, PATIENCE_MS), meeting];
}

/** Stream numbers are tried one after the other by both, as a transfer does. */
async function expectCarried(sender: Meeting, recipient: Meeting): Promise<void> {
  for (let number = 0; number < TRIES; number++) {
    const both = [sender.openStream(number), recipient.openStream(number)] as const;
    const [near, far] = await Promise.allSettled(both);
    if (near.status === 'rejected' || far.status === 'rejected') continue;
    // Both were answered, so that nothing is lost here.
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
    const { far, proxy, patience } = await lossyRelay({ reply, how });
    await meetTwice(far(), far(), patience);
    if (reply < 14) expect(proxy.replies()).toBeGreaterThan(reply);
  });

  test.each([
    3, 4, 5, 6, 7,
  ])('never keeps the recipient from reconnecting to a sender that hosts the relay: reply %i', async (reply) => {
    const { far, local, patience } = await lossyRelay({ reply, how });
    await meetTwice(local, far(), patience);
  });
});
