import { describe, expect, onTestFinished, test } from 'vitest';
import type { OnionAddress } from '../../../src/onion/address.js';
import { exchange } from '../../../src/relay/client/http-exchange.js';
import type { Directory } from '../../../src/relay/directory/directory.js';
import { MemoryDirectory, SharedNames } from '../../../src/relay/directory/memory-directory.js';
import { Refusal } from '../../../src/relay-protocol/refusal.js';
import { RepeatedRequests } from '../../../src/relay-protocol/repeated-requests.js';
import { expectStreams } from '../../session/support/expect-streams.js';
import { recipientAt, senderAt } from '../../session/support/parties.js';
import { FleetAgent } from '../../support/fleet-agent.js';
import { answeredPair, confirmedPair } from '../support/confirmed-pair.js';
import { Fleet, type FleetBackend } from '../support/fleet.js';
import { AUTHORIZATION, nonce, plainRequest } from '../support/running-relay.js';
import { Wire } from '../support/wire.js';

async function fleetOf(count: number): Promise<{ fleet: Fleet; backends: FleetBackend[] }> {
  const fleet = new Fleet();
  const backends = await Promise.all(Array.from({ length: count }, () => fleet.add()));
  return { fleet, backends };
}

function total(backends: readonly FleetBackend[]): number {
  return backends.reduce((sum, { relay }) => sum + relay.counts().channels, 0);
}

describe('several backends of one relay', () => {
  test.each([0, 1, 2])('let two meet wherever the front has led each (%i apart)', async (apart) => {
    const { fleet, backends } = await fleetOf(3);
    fleet.turnTo(backends[0]!);
    const channel = await senderAt(fleet.client());
    fleet.turnTo(backends[apart]!);
    const [ours, theirs] = await Promise.all([channel.meet(), recipientAt(fleet.client())]);
    await expectStreams({ meeting: ours, generation: 0 }, { meeting: theirs, generation: 0 });
    // The first that the sender came to has taken it.
    expect(backends.map(({ relay }) => relay.counts().pairsMade)).toEqual([1, 0, 0]);
    await channel.close();
  });

  test('let two meet who each know one backend alone', async () => {
    const { fleet, backends } = await fleetOf(2);
    const channel = await senderAt(fleet.client(backends[1]!.onion));
    const recipient = recipientAt(fleet.client(backends[0]!.onion));
    await Promise.all([channel.meet(), recipient]);
    expect(backends.map(({ relay }) => relay.counts().pairsMade)).toEqual([0, 1]);
  });

  test('let one sender have a name, whichever backend another one asks', async () => {
    const { fleet, backends } = await fleetOf(2);
    const joins = backends.map(({ onion }) =>
      fleet.client(onion).join({ role: 'sender', nonce: nonce(), channel: 'a-b' }),
    );
    const settled = await Promise.allSettled(joins);
    expect(settled.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(settled.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'ERR_CHANNEL_TAKEN' },
    });
    expect(total(backends)).toBe(1);
  });

  test('find a sender again whose reply was lost', async () => {
    const { fleet, backends } = await fleetOf(2);
    const request = { role: 'sender', nonce: nonce(), channel: 'a-b' } as const;
    const first = await fleet.client().join(request);
    for (const backend of backends) {
      fleet.turnTo(backend);
      expect(await fleet.client().join(request)).toMatchObject({ uuid: first.uuid });
    }
  });

  test('give a name to others when its channel has ended', async () => {
    const { fleet, backends } = await fleetOf(2);
    const [one, other] = backends.map(({ onion }) => fleet.client(onion));
    const { uuid } = await one!.join({ role: 'sender', nonce: nonce(), channel: 'a-b' });
    await one!.channel({ channel: 'a-b', uuid, close: true });
    await other!.join({ role: 'sender', nonce: nonce(), channel: 'a-b' });
    expect(backends.map(({ relay }) => relay.counts().channels)).toEqual([0, 1]);
  });

  test('give a name back that was refused here', async () => {
    const fleet = new Fleet({ limits: { channels: 1 } });
    const backends = [await fleet.add(), await fleet.add()];
    const [one, other] = backends.map(({ onion }) => fleet.client(onion));
    await one!.join({ role: 'sender', nonce: nonce(), channel: 'a-b' });
    const request = { role: 'sender', nonce: nonce(), channel: 'c-d' } as const;
    await expect(one!.join(request)).rejects.toMatchObject({ code: 'ERR_RELAY_BUSY' });
    expect(await other!.join(request)).toMatchObject({ channel: 'c-d' });
  });

  test('know channels that the relay itself has named', async () => {
    const { fleet, backends } = await fleetOf(2);
    const request = { role: 'sender', nonce: nonce() } as const;
    const client = fleet.client();
    const { channel, uuid } = await client.join(request);
    expect(await client.join(request)).toMatchObject({ channel, uuid });
    for (const { onion } of backends) {
      const recipient = fleet.client(onion);
      expect(await recipient.join({ role: 'recipient', nonce: nonce(), channel })).toMatchObject({
        channel,
      });
    }
  });

  test('count a name that nobody has as a guess where it was asked for', async () => {
    const { fleet, backends } = await fleetOf(2);
    const client = fleet.client(backends[0]!.onion);
    await expect(
      client.join({ role: 'recipient', nonce: nonce(), channel: 'no-body' }),
    ).rejects.toMatchObject({ code: 'ERR_CHANNEL_MISSING' });
    expect(backends.map(({ relay }) => relay.counts().wrongDoors)).toEqual([1, 0]);
  });

  test('tell a stream that comes to the wrong one where its channel is', async () => {
    const { fleet, backends } = await fleetOf(2);
    const pair = await confirmedPair(fleet.client(backends[0]!.onion));
    const wire = new Wire(backends[1]!.relay.streamSocket, false);
    const hello = { channel: pair.channel, uuid: pair.sender, stream: 0 };
    wire.socket.write(`${JSON.stringify({ ...hello, authorization: AUTHORIZATION })}\n`);
    expect(JSON.parse(await wire.ended())).toEqual({
      error: { code: 'elsewhere', onion: backends[0]!.onion },
    });
  });

  // Not by fetch: Node 20's asks again at a 421, with a body that it has used up.
  test('tell a page, which can follow nowhere, what to do', async () => {
    const { fleet, backends } = await fleetOf(2);
    await fleet.client(backends[0]!.onion).join({ role: 'sender', nonce: nonce(), channel: 'a-b' });
    const agent = new FleetAgent(() => backends[1]!.relay.httpSocket);
    onTestFinished(() => agent.destroy());
    const place = { agent, host: 'relay.test', port: 80, authorization: AUTHORIZATION };
    await using page = new RepeatedRequests({
      post: (post) => exchange({ ...post, ...place }),
      follows: false,
    });
    const join = page.join({ role: 'recipient', nonce: nonce(), channel: 'a-b' });
    await expect(join).rejects.toMatchObject({
      code: 'ERR_RELAY',
      message: expect.stringMatching(/another machine.*use the onionferry program, or/) as string,
    });
  });

  test('lead on with a status of its own, behind the password', async () => {
    const { fleet, backends } = await fleetOf(2);
    await fleet.client(backends[0]!.onion).join({ role: 'sender', nonce: nonce(), channel: 'a-b' });
    const body = { role: 'recipient', nonce: nonce(), channel: 'a-b' };
    const { httpSocket } = backends[1]!.relay;
    const led = await plainRequest(httpSocket, '/join', { body });
    expect(led.status).toBe(421);
    expect(led.json).toEqual({ error: { code: 'elsewhere', onion: backends[0]!.onion } });
    const stranger = await plainRequest(httpSocket, '/join', {
      body,
      headers: { authorization: 'Basic eDp5' },
    });
    expect(stranger.status).toBe(401);
  });
});

describe('a backend that has ended', () => {
  test('takes its channels along, and its senders begin anew at another', async () => {
    const { fleet, backends } = await fleetOf(2);
    const [first, second] = backends;
    fleet.turnTo(first!);
    const client = fleet.client();
    const request = { role: 'sender', nonce: nonce(), channel: 'a-b' } as const;
    const before = await client.join(request);
    await fleet.remove(first!);
    const after = await client.join(request);
    expect(after.uuid).not.toBe(before.uuid);
    expect(second!.relay.counts().channels).toBe(1);
  });
});

/** As a backend has it whose store is away. */
class LostDirectory implements Directory {
  isAway = false;
  readonly #memory: MemoryDirectory;
  #lost: (name: string) => void = () => undefined;

  constructor(onion: OnionAddress) {
    this.#memory = new MemoryDirectory({ onion, names: new SharedNames() });
  }

  get isCertain(): boolean {
    return !this.isAway;
  }

  claim(name: string): ReturnType<Directory['claim']> {
    return this.isAway ? Promise.reject(new Refusal('no-directory')) : this.#memory.claim(name);
  }

  find(name: string): ReturnType<Directory['find']> {
    return this.isAway ? Promise.reject(new Refusal('no-directory')) : this.#memory.find(name);
  }

  release(name: string): void {
    this.#memory.release(name);
  }

  leave(): Promise<boolean> {
    return this.isAway ? Promise.reject(new Refusal('no-directory')) : this.#memory.leave();
  }

  handOver(name: string): ReturnType<Directory['handOver']> {
    return this.isAway ? Promise.reject(new Refusal('no-directory')) : this.#memory.handOver(name);
  }

  whenLost(listener: (name: string) => void): void {
    this.#lost = listener;
  }

  lose(name: string): void {
    this.#lost(name);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#memory[Symbol.asyncDispose]();
  }
}

describe('a backend without its directory', () => {
  async function lone(): Promise<{
    fleet: Fleet;
    directory: LostDirectory;
    backend: FleetBackend;
  }> {
    let directory: LostDirectory | undefined;
    const fleet = new Fleet({
      directoryOf: (onion) => Promise.resolve((directory = new LostDirectory(onion))),
    });
    const backend = await fleet.add();
    return { fleet, backend, directory: directory! };
  }

  test('serves those who are in, and lets nobody else in', async () => {
    const { fleet, directory, backend } = await lone();
    const client = fleet.client(backend.onion);
    const pair = await answeredPair(client);
    directory.isAway = true;
    await pair.confirm();
    const streams = await Promise.all(
      [pair.sender, pair.recipient].map((uuid) =>
        client.openStream({ channel: pair.channel, uuid, stream: 0 }),
      ),
    );
    await Promise.all(streams.map(({ channel }) => channel));
    for (const request of [
      { role: 'sender', nonce: nonce(), channel: 'c-d' },
      { role: 'recipient', nonce: nonce(), channel: 'a-b' },
      { role: 'recipient', nonce: nonce(), channel: 'c-d' },
    ] as const) {
      await expect(client.join(request)).rejects.toMatchObject({ code: 'ERR_RELAY_BUSY' });
    }
    expect(backend.relay.counts().refusals).toEqual({ 'no-directory': 3 });
    directory.isAway = false;
    await client.join({ role: 'sender', nonce: nonce(), channel: 'c-d' });
  });

  test('keeps who waits when it drains', async () => {
    const { fleet, directory, backend } = await lone();
    await confirmedPair(fleet.client());
    directory.isAway = true;
    await backend.relay.drain();
    expect(backend.relay.counts()).toMatchObject({ channels: 1, pairs: 1 });
  });

  test('gives a channel up that another one has taken meanwhile, and no pair', async () => {
    const { fleet, directory, backend } = await lone();
    const client = fleet.client(backend.onion);
    const pair = await confirmedPair(client);
    directory.lose(pair.channel);
    expect(backend.relay.counts()).toMatchObject({ channels: 0, pairs: 1 });
    await client.channel({ channel: pair.channel, uuid: pair.recipient });
  });
});
