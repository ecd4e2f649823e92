import { describe, expect, test } from 'vitest';
import { errorOf } from '../../../src/relay-protocol/refusal.js';
import type { RelayClient } from '../../../src/relay-protocol/relay-client.js';
import type { Meeting } from '../../../src/session/meeting/meeting.js';
import { farAccess, runningRelay } from '../../relay/support/running-relay.js';
import { altered } from '../support/altered-access.js';
import { expectStreams } from '../support/expect-streams.js';
import { recipientAt, senderAt } from '../support/parties.js';

function met(meeting: Meeting): { meeting: Meeting; generation: number } {
  return { meeting, generation: 0 };
}

describe.each([
  'own',
  'third-party',
] as const)('several recipients at the sender’s %s relay', (kind) => {
  async function relay(): Promise<{ sender: RelayClient; far: () => RelayClient }> {
    const running = await runningRelay();
    const far = (): RelayClient => farAccess(running);
    return { sender: kind === 'own' ? running.local : far(), far };
  }

  test('meet it in one channel at once, each with keys and streams of its own', async () => {
    const { sender, far } = await relay();
    const channel = await senderAt(sender);
    const recipients = [1, 2, 3].map(() => recipientAt(far()));
    const ours = [await channel.meet(), await channel.meet(), await channel.meet()];
    const theirs = await Promise.all(recipients);
    const streamKeys = ours.map(({ keys }) => Buffer.from(keys.stream).toString('hex'));
    expect(new Set(streamKeys).size).toBe(3);
    for (const one of theirs) {
      const own = ours.find(({ keys }) => Buffer.compare(keys.stream, one.keys.stream) === 0);
      expect(own).toBeDefined();
      if (own !== undefined) await expectStreams(met(own), met(one));
    }
    await channel.close();
  });

  test('outlive the channel, and the end of one is not that of another', async () => {
    const { sender, far } = await relay();
    const channel = await senderAt(sender);
    const [first, theirFirst] = await Promise.all([channel.meet(), recipientAt(far())]);
    const [second, theirSecond] = await Promise.all([channel.meet(), recipientAt(far())]);
    await channel.close();
    await theirFirst.abandon();
    await expect(first.openStream(5)).rejects.toMatchObject({ code: 'ERR_CHANNEL_MISSING' });
    await expectStreams(met(second), met(theirSecond));
  });

  test('hear at once that somebody else is receiving, before and after they have answered', async () => {
    const { sender, far } = await relay();
    const channel = await senderAt(sender);
    const first = recipientAt(far());
    const own = await channel.meet({ alone: true });
    const ending = new AbortController();
    const refusing = channel.refuse({ signal: ending.signal });
    refusing.catch(() => undefined);
    await expect(recipientAt(far())).rejects.toMatchObject({
      code: 'ERR_CHANNEL_FULL',
      message: expect.stringContaining('somebody else is receiving this') as string,
    });
    await expectStreams(met(own), met(await first));
    // When the sender takes its word back, the next one is let in.
    ending.abort(new Error('over'));
    await expect(refusing).rejects.toThrow('over');
    const [again, theirs] = await Promise.all([channel.meet(), recipientAt(far())]);
    expect(again.keys).toEqual(theirs.keys);
    await channel.close();
  });

  test('that have answered, and right, hear the same when another was judged before', async () => {
    const { sender, far } = await relay();
    let free = 0;
    const channel = await senderAt(sender, {
      waitMs: 100,
      guesses: {
        tryTake: () => free > 0 && free-- > 0,
        giveBack: () => undefined,
        intervalMs: 100,
      },
    });
    const meeting = channel.meet({ alone: true });
    let answers = 0;
    const recipients = [1, 2].map(() => {
      const real = far();
      const counted = altered(real, {
        channel: async (request, options) => {
          const state = await real.channel({ ...request, wait: 0 }, options);
          if (request.y !== undefined && ++answers === 2) free = 1;
          return state;
        },
      });
      return recipientAt(counted);
    });
    const outcomes = await Promise.allSettled(recipients);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const refused = outcomes.find(({ status }) => status === 'rejected');
    expect(refused).toMatchObject({ reason: { code: 'ERR_CHANNEL_FULL' } });
    // Neither has tried again by itself.
    expect(answers).toBe(2);
    await meeting;
    await channel.close();
  });
});

describe('a relay that ends attempts', () => {
  test.each([
    ['channel-full', 'ERR_CHANNEL_FULL'],
    ['too-many', 'ERR_RELAY_BUSY'],
    ['attempt-ended', 'ERR_PASSWORD'],
  ] as const)('with %s gets one guess for one entry of the words', async (word, code) => {
    const running = await runningRelay();
    const channel = await senderAt(running.local);
    const meeting = channel.meet();
    meeting.catch(() => undefined);
    const real = farAccess(running);
    let answers = 0;
    const lying = altered(real, {
      channel: async (request, options) => {
        if (request.y === undefined) return await real.channel(request, options);
        answers++;
        throw errorOf(word);
      },
    });
    await expect(recipientAt(lying)).rejects.toMatchObject({ code });
    expect(answers).toBe(1);
    await channel.close();
  });
});
