import { describe, expect, test } from 'vitest';
import { randomBytes } from '../../../src/base/bytes.js';
import { OnionferryError } from '../../../src/base/errors.js';
import { CURVE_NAMES } from '../../../src/pake/curves/curve-name.js';
import { reconnectChannel, resumptionSecret } from '../../../src/pake/resumption.js';
import type { RelayClient } from '../../../src/relay-protocol/relay-client.js';
import { meetWithSecret } from '../../../src/session/meeting/recipient-meeting.js';
import { nodePrimitives } from '../../../src/transfer/node-primitives.js';
import { CREDENTIALS, farAccess, runningRelay } from '../../relay/support/running-relay.js';
import { altered } from '../support/altered-access.js';
import { expectStreams } from '../support/expect-streams.js';
import {
  ONION,
  RESUMPTION,
  recipientAgain,
  recipientAt,
  senderAgain,
  senderAt,
} from '../support/parties.js';
import { switched } from '../support/switched-access.js';

interface Place {
  readonly sender: RelayClient;
  readonly far: () => RelayClient;
}

describe.each(['own', 'third-party'] as const)('on the sender’s %s relay', (kind) => {
  async function relay(): Promise<Place> {
    const running = await runningRelay();
    const far = (): RelayClient => farAccess(running);
    return { sender: kind === 'own' ? running.local : far(), far };
  }

  test('two who have met and lost everything meet again, under other keys', async () => {
    const { sender, far } = await relay();
    const channel = await senderAt(sender);
    const [current, theirs] = await Promise.all([channel.meet(), recipientAt(far())]);
    const { resumption } = current.keys;
    const again = senderAgain(sender, { resumption, current });
    const waiting = again.meet();
    const streams = await Promise.all([current.openStream(0), theirs.openStream(0)]);
    for (const stream of streams) stream.destroy();
    const met = await recipientAgain(far(), { resumption: theirs.keys.resumption }).meet();
    expect(met.generation).toBe(1);
    expect(met.meeting.keys.stream).not.toEqual(theirs.keys.stream);
    await expectStreams(waiting, met);
  });

  test.each(CURVE_NAMES)('they do so on %s', async (curve) => {
    const { sender, far } = await relay();
    const waiting = senderAgain(sender, { curve }).meet();
    await expectStreams(waiting, recipientAgain(far(), { curve }).meet(), 1);
  });

  test('they do so several times in a row, each time over channels of their own', async () => {
    const { sender, far } = await relay();
    const [ours, theirs] = [senderAgain(sender), recipientAgain(far())];
    const channels = new Set<string>();
    for (let generation = 1; generation <= 6; generation++) {
      const [one, other] = await Promise.all([ours.meet(), theirs.meet()]);
      expect(one.generation).toBe(generation);
      channels.add(one.meeting.channel);
      await expectStreams(one, other, 1);
    }
    expect(channels.size).toBe(6);
  });

  test.each([
    -1, 0, 1, 2,
  ])('the recipient finds a sender whose count is %i further', async (further) => {
    const { sender, far } = await relay();
    const waiting = senderAgain(sender, { generation: 4 + further }).meet();
    const met = await recipientAgain(far(), { generation: 4 }).meet();
    expect(met.generation).toBe(5 + further);
    await expectStreams(waiting, met, 1);
  });

  test('the recipient waits for a sender that comes later, and says so once', async () => {
    const { sender, far } = await relay();
    const waits: string[] = [];
    const met = recipientAgain(far(), { onWaiting: (why) => waits.push(why) }).meet();
    while (waits.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    const ours = await senderAgain(sender).meet();
    await expectStreams(ours, met, 1);
    expect(waits).toEqual(['the sender is away']);
  });

  test('a client with the name and without the secret is turned away, any number of times', async () => {
    const { sender, far } = await relay();
    const seen: string[] = [];
    const waiting = senderAgain(sender, { onPeer: (state) => seen.push(state) }).meet();
    const { name: channel } = reconnectChannel(RESUMPTION, 1);
    const context = { onion: ONION, channel, curve: 'p256' } as const;
    const wrong = (): OnionferryError => new OnionferryError('ERR_PAKE', 'no');
    for (let i = 0; i < 20; i++) {
      const secret = Promise.resolve(resumptionSecret(randomBytes(32), context));
      const common = { relay: far(), primitives: nodePrimitives, ...context };
      const guess = { ...common, secret, wrong, aheadWhen: 'joined' } as const;
      await expect(meetWithSecret(guess)).rejects.toMatchObject({ code: 'ERR_PAKE' });
    }
    await expectStreams(waiting, recipientAgain(far()).meet(), 1);
    // The sender may hear of the last one after that one has heard of itself.
    await expect.poll(() => seen.filter((state) => state === 'rejected')).toHaveLength(20);
  });

  test('a stranger who knows the access words finds no channel of the two', async () => {
    const { sender, far } = await relay();
    const channel = await senderAt(sender);
    const meeting = channel.meet({ alone: true });
    const [current, theirs] = await Promise.all([meeting, recipientAt(far())]);
    const { resumption } = theirs.keys;
    const waiting = senderAgain(sender, { resumption, current }).meet();
    const stranger = far();
    await expect(recipientAt(stranger, { turnDeadlineMs: 0 })).rejects.toMatchObject({
      code: 'ERR_CHANNEL_FULL',
    });
    const ending = new AbortController();
    const guessing = recipientAgain(stranger, {
      resumption: randomBytes(32),
      onWaiting: (why) => ending.abort(new Error(why)),
    });
    await expect(guessing.meet({ signal: ending.signal })).rejects.toThrow('the sender is away');
    await expectStreams(waiting, recipientAgain(far(), { resumption }).meet(), 1);
    await channel.close();
    await expect(recipientAt(stranger, { turnDeadlineMs: 0 })).rejects.toMatchObject({
      code: 'ERR_CHANNEL_MISSING',
    });
  });

  test('a wait that was ended leaves nothing behind, and may begin again', async () => {
    const { sender, far } = await relay();
    let onWait = (): void => undefined;
    const watched = altered(sender, {
      channel: (request, options) => {
        onWait(); // the channel is there
        return sender.channel(request, options);
      },
    });
    const [ours, theirs] = [senderAgain(watched), recipientAgain(far())];
    for (let i = 0; i < 3; i++) {
      const ending = new AbortController();
      const { signal } = ending;
      const inChannel = new Promise<void>((resolve) => (onWait = resolve));
      const waiting = ours.meet({ signal });
      await inChannel;
      ending.abort(new Error('enough'));
      await expect(waiting).rejects.toThrow('enough');
    }
    const { name: channel } = reconnectChannel(RESUMPTION, 1);
    const join = far().join({ role: 'recipient', channel, nonce: 'A'.repeat(22) });
    await expect(join).rejects.toMatchObject({ code: 'ERR_CHANNEL_MISSING' });
    const [one, other] = await Promise.all([ours.meet(), theirs.meet()]);
    await expectStreams(one, other, 1);
  });

  test('closing a reconnection ends its wait and its channels', async () => {
    const { sender, far } = await relay();
    const [ours, theirs] = [senderAgain(sender), recipientAgain(far())];
    await Promise.all([ours.meet(), theirs.meet()]);
    const waiting = [ours.meet(), theirs.meet({ signal: new AbortController().signal })];
    waiting[1]?.catch(() => undefined);
    const [sendersEnd, recipientsEnd] = [ours.close(), theirs.close()];
    await expect(waiting[0]).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
    await expect(waiting[1]).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
    await Promise.all([sendersEnd, recipientsEnd]);
    for (const generation of [1, 2]) {
      const { name: channel } = reconnectChannel(RESUMPTION, generation);
      const join = far().join({ role: 'recipient', channel, nonce: 'A'.repeat(22) });
      await expect(join).rejects.toMatchObject({ code: 'ERR_CHANNEL_MISSING' });
    }
  });
});

describe('a relay that plays the sender', () => {
  test('costs the recipient a try for each channel that it does so in', async () => {
    const running = await runningRelay();
    // It has seen the name that the recipient asks for first.
    const named = reconnectChannel(RESUMPTION, 1).name;
    const { name: own } = reconnectChannel(RESUMPTION, 2);
    const liar = await senderAt(running.local, { channel: named });
    const lying = liar.meet();
    lying.catch(() => undefined);
    const waiting = senderAgain(farAccess(running), { generation: 1 }).meet();
    const met = await recipientAgain(farAccess(running)).meet();
    expect(met.meeting.channel).toBe(own);
    await expectStreams(waiting, met, 1);
    await liar.close();
  });
});

describe('an address that refuses access', () => {
  const credentials = { ...CREDENTIALS, password: 'other-door' };

  test('ends the search after a while', async () => {
    const running = await runningRelay({ accessDelayMs: 10 });
    const waits: string[] = [];
    const search = recipientAgain(farAccess(running, { credentials }), {
      accessMs: 600,
      onWaiting: (why) => waits.push(why),
    });
    await expect(search.meet()).rejects.toMatchObject({
      code: 'ERR_PEER_GONE',
      cause: { code: 'ERR_PASSWORD' },
    });
    expect(waits).toEqual(['the sender’s address asks for another password']);
  });

  test('does not end it when the sender comes in time', async () => {
    const running = await runningRelay({ accessDelayMs: 10 });
    const [other, right] = [farAccess(running, { credentials }), farAccess(running)];
    const waiting = senderAgain(running.local).meet();
    const { access, to } = switched(other);
    const search = recipientAgain(access, { accessMs: 2_000, onWaiting: () => to(right) });
    await expectStreams(waiting, search.meet(), 1);
  });
});
