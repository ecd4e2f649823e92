import { randomBytes, randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DEFAULT_CURVE } from '../../src/pake/curves/curve-name.js';
import { generatePassword } from '../../src/pake/password.js';
import { guessLimitFor } from '../../src/session/meeting/guess-limit.js';
import type { Meeting } from '../../src/session/meeting/meeting.js';
import { meetAsRecipient } from '../../src/session/meeting/recipient-meeting.js';
import { openSenderChannel, type SenderChannel } from '../../src/session/meeting/sender-meeting.js';
import { receiveTransfer } from '../../src/session/receiving/receive-transfer.js';
import { recipientReconnect } from '../../src/session/reconnecting/recipient-reconnect.js';
import { senderReconnect } from '../../src/session/reconnecting/sender-reconnect.js';
import { sendTransfer } from '../../src/session/sending/send-transfer.js';
import { openDestination } from '../../src/transfer/destination/destination.js';
import { nodePrimitives } from '../../src/transfer/node-primitives.js';
import { textSource } from '../../src/transfer/source/stream-source.js';
import type { SoakedRelay, Way } from './soaked-relay.js';

const TEXT_BYTES = 20_000;

interface Two {
  readonly sender: Way;
  readonly recipient: Way;
  readonly channel: SenderChannel;
  /** @param words the right ones unless given */
  join(words?: string): Promise<Meeting>;
  carry(theirs: Meeting, ours: Meeting): Promise<PromiseSettledResult<unknown>[]>;
}

/** Whatever comes about between two, in a channel of their own. */
export const STORIES = {
  'all is received': (relay: SoakedRelay) =>
    between(relay, async (two) => {
      const [theirs, ours] = await Promise.all([two.channel.meet(), two.join()]);
      assertBoth(await two.carry(theirs, ours));
    }),
  'all connections break, and it goes on': (relay: SoakedRelay) =>
    between(relay, async (two) => {
      const [theirs, ours] = await Promise.all([two.channel.meet(), two.join()]);
      const carried = two.carry(theirs, ours);
      await moment();
      two.recipient.breakAll();
      assertBoth(await carried);
    }),
  'a wrong password, then the right one': (relay: SoakedRelay) =>
    between(relay, async (two) => {
      const meeting = two.channel.meet();
      await two.join('three-wrong-words').then(unexpected, () => undefined);
      const [theirs, ours] = await Promise.all([meeting, two.join()]);
      assertBoth(await two.carry(theirs, ours));
    }),
  'a recipient vanishes before it answers': (relay: SoakedRelay) =>
    between(relay, async (two) => {
      const ending = new AbortController();
      const meeting = two.channel.meet({ signal: ending.signal });
      meeting.catch(() => undefined);
      two.join().catch(() => undefined);
      await moment();
      two.recipient.breakAll();
      ending.abort(new Error('over'));
      await meeting.then((met) => met.abandon()).catch(() => undefined);
    }),
  'a meeting is abandoned': (relay: SoakedRelay) =>
    between(relay, async (two) => {
      const [theirs, ours] = await Promise.all([two.channel.meet(), two.join()]);
      await Promise.all([theirs.abandon(), ours.abandon()]);
    }),
} as const;

type Story = keyof typeof STORIES;

export function anyStory(): Story {
  // The keys of one object.
  const names = Object.keys(STORIES) as Story[];
  return names[randomInt(names.length)] ?? 'all is received';
}

async function between(relay: SoakedRelay, act: (two: Two) => Promise<void>): Promise<void> {
  await using sender = relay.way();
  await using recipient = relay.way();
  const { onion } = relay;
  const password = generatePassword();
  const channelName = randomBytes(16).toString('hex');
  const common = {
    primitives: nodePrimitives,
    ...{ onion, curve: DEFAULT_CURVE, channel: channelName },
  } as const;
  const channel = await openSenderChannel({
    ...{ ...common, relay: sender.relay, words: password.words },
    guesses: guessLimitFor(password),
  });
  const into = await mkdtemp(join(relay.directory, 'into-'));
  try {
    await act({
      ...{ sender, recipient, channel },
      join: async (words = password.words) =>
        await meetAsRecipient({ ...common, relay: recipient.relay, words }),
      carry: async (theirs, ours) => {
        await using source = textSource(randomBytes(TEXT_BYTES).toString('hex'));
        const { resumption } = theirs.keys;
        const again = { ...common, resumption, generation: 0 };
        return await Promise.allSettled([
          sendTransfer({
            ...{ met: { meeting: theirs, generation: 0 }, source, primitives: nodePrimitives },
            reconnect: senderReconnect({ ...again, relay: sender.relay, current: theirs }),
          }),
          receiveTransfer({
            ...{ met: { meeting: ours, generation: 0 }, primitives: nodePrimitives },
            reconnect: recipientReconnect({ ...again, relay: recipient.relay }),
            accept: (manifest) =>
              openDestination({ directory: into, manifest, conflict: 'rename' }),
          }),
        ]);
      },
    });
  } finally {
    await channel.close();
    await rm(into, { recursive: true, force: true });
  }
}

function assertBoth(ends: readonly PromiseSettledResult<unknown>[]): void {
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

function unexpected(): never {
  throw new Error('wrong words were taken');
}

/** Long enough for something to have begun, and never the same */
async function moment(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, randomInt(150)));
}
