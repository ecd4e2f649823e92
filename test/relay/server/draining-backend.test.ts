import { describe, expect, test } from 'vitest';
import { deferred } from '../../../src/base/deferred.js';
import { MemoryDirectory, SharedNames } from '../../../src/relay/directory/memory-directory.js';
import { expectStreams } from '../../session/support/expect-streams.js';
import { recipientAt, senderAt } from '../../session/support/parties.js';
import { answeredPair, confirmedPair, joinedPair } from '../support/confirmed-pair.js';
import { Fleet, type FleetBackend } from '../support/fleet.js';
import { nonce } from '../support/running-relay.js';

/** As a store is that answers after a while. */
class SlowDirectory extends MemoryDirectory {
  readonly asked = deferred<undefined>();
  readonly answer = deferred<undefined>();

  override async leave(): Promise<boolean> {
    this.asked.resolve(undefined);
    await this.answer.promise;
    return await super.leave();
  }
}

describe('a backend that drains', () => {
  /** One transfer keeps the first from ending. */
  async function draining(): Promise<{ fleet: Fleet; first: FleetBackend; second: FleetBackend }> {
    const fleet = new Fleet();
    const [first, second] = [await fleet.add(), await fleet.add()];
    await confirmedPair(fleet.client(first.onion), 'x-y');
    return { fleet, first, second };
  }

  test('sends a sender that waits there to another, where its recipient meets it', async () => {
    const { fleet, first, second } = await draining();
    fleet.turnTo(first);
    const channel = await senderAt(fleet.client());
    const met = channel.meet();
    await first.relay.drain();
    await expect.poll(() => second.relay.counts().channels).toBe(1);
    const [ours, theirs] = await Promise.all([met, recipientAt(fleet.client())]);
    await expectStreams({ meeting: ours, generation: 0 }, { meeting: theirs, generation: 0 });
    expect(second.relay.counts()).toMatchObject({ pairsMade: 1 });
    await channel.close();
  });

  test('sends whoever begins to another, with a name or without', async () => {
    const { fleet, first, second } = await draining();
    await first.relay.drain();
    for (const channel of [{ channel: 'a-b' }, {}]) {
      const sender = fleet.client(first.onion);
      const joined = await sender.join({ role: 'sender', nonce: nonce(), ...channel });
      const recipient = fleet.client(first.onion);
      await recipient.join({ role: 'recipient', nonce: nonce(), channel: joined.channel });
    }
    expect(second.relay.counts()).toMatchObject({ channels: 2 });
  });

  test('keeps the transfers of a sender that has moved, which open further streams', async () => {
    const { fleet, first, second } = await draining();
    const client = fleet.client(first.onion);
    const pair = await confirmedPair(client);
    await client.channel({ channel: pair.channel, uuid: pair.recipient });
    await first.relay.drain();
    await client.join({ role: 'sender', nonce: nonce(), channel: pair.channel });
    expect(second.relay.counts().channels).toBe(1);
    await client.channel({ channel: pair.channel, uuid: pair.recipient });
    const streams = await Promise.all(
      [pair.sender, pair.recipient].map((uuid) =>
        client.openStream({ channel: pair.channel, uuid, stream: 7 }),
      ),
    );
    await Promise.all(streams.map(({ channel }) => channel));
  });

  test('lets an answer be judged that was given before', async () => {
    const { fleet, first } = await draining();
    const client = fleet.client(first.onion);
    const pair = await answeredPair(client);
    await first.relay.drain();
    await pair.confirm();
    const { channel, recipient: uuid } = pair;
    expect(await client.channel({ channel, uuid })).toMatchObject({ phase: 'confirmed' });
  });

  test('lets somebody answer who has come before', async () => {
    const { fleet, first, second } = await draining();
    const client = fleet.client(first.onion);
    const pair = await joinedPair(client);
    await first.relay.drain();
    await pair.answer();
    await pair.confirm();
    expect(first.relay.counts()).toMatchObject({ pairs: 2 });
    await expect.poll(() => first.relay.counts().channels).toBe(0);
    await client.join({ role: 'sender', nonce: nonce(), channel: pair.channel });
    expect(second.relay.counts()).toMatchObject({ channels: 1 });
  });

  test('lets an answer be judged while it asks for another backend', async () => {
    const names = new SharedNames();
    const slow: SlowDirectory[] = [];
    const fleet = new Fleet({
      directoryOf: (onion) => {
        slow.push(new SlowDirectory({ onion, names }));
        return Promise.resolve(slow.at(-1)!);
      },
    });
    const first = await fleet.add();
    await fleet.add();
    const pair = await answeredPair(fleet.client(first.onion));
    const drained = first.relay.drain();
    await slow[0]!.asked.promise;
    await pair.confirm();
    slow[0]!.answer.resolve(undefined);
    await drained;
    expect(first.relay.counts()).toMatchObject({ channels: 0, pairs: 1 });
  });

  test('sends those who wait away as soon as another backend is there', async () => {
    const fleet = new Fleet();
    const first = await fleet.add();
    await confirmedPair(fleet.client(first.onion), 'x-y');
    await first.relay.drain();
    expect(first.relay.counts()).toMatchObject({ channels: 1 });
    await fleet.add();
    await expect.poll(() => first.relay.counts()).toMatchObject({ channels: 0, pairs: 1 });
  });

  test('sends nobody to one that drains as well, and keeps who waits', async () => {
    const { fleet, first, second } = await draining();
    const waiting = { role: 'sender', nonce: nonce(), channel: 'a-b' } as const;
    const sender = fleet.client(first.onion);
    const { uuid } = await sender.join(waiting);
    await confirmedPair(fleet.client(second.onion), 'c-d');
    await second.relay.drain();
    await first.relay.drain();
    const begin = { role: 'sender', nonce: nonce(), channel: 'e-f' } as const;
    await expect(fleet.client(first.onion).join(begin)).rejects.toMatchObject({
      code: 'ERR_RELAY_BUSY',
    });
    await sender.channel({ channel: 'a-b', uuid });
  });
});
