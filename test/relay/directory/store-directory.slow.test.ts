import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { silentLogger } from '../../../src/base/logger.js';
import type { OnionAddress } from '../../../src/onion/address.js';
import type { Directory } from '../../../src/relay/directory/directory.js';
import {
  openStoreDirectory,
  type StoreDirectoryOptions,
} from '../../../src/relay/directory/store-directory.js';
import { recipientAt, senderAt } from '../../session/support/parties.js';
import type { RedisServer } from '../../support/redis-server.js';
import { answeredPair, confirmedPair } from '../support/confirmed-pair.js';
import { Fleet, newOnion } from '../support/fleet.js';
import { nonce } from '../support/running-relay.js';
import { runningStore } from '../support/running-store.js';
import { describeDirectory } from './directory-contract.js';

const GUESSABLE = { isGuessable: true } as const;
const LEASE_MS = 1_500;

/** Ends the lease that is the first key, and gives the other keys, which are names, to somebody. */
const TAKE_OVER = `
redis.call('DEL', KEYS[1])
for at = 2, #KEYS do redis.call('SET', KEYS[at], ARGV[1]) end`;

async function opened(
  store: RedisServer,
  onion: OnionAddress = newOnion(),
  options: Partial<StoreDirectoryOptions> = {},
): Promise<Directory> {
  const directory = await openStoreDirectory({
    location: { kind: 'unix', path: store.path },
    relayPassword: 'everybody-who-sends-here-knows-this',
    onion,
    logger: silentLogger,
    ...options,
  });
  onTestFinished(() => directory[Symbol.asyncDispose]());
  return directory;
}

describe('a directory in a store', () => {
  let store: RedisServer | undefined;
  beforeEach(async () => {
    store = await runningStore();
  });
  afterEach(() => store?.kill());
  describeDirectory((onion) => opened(store!, onion));
});

describe('a store', () => {
  test('is not there: its relay says so at once', async () => {
    const store = await runningStore();
    await store.kill();
    await expect(opened(store)).rejects.toMatchObject({
      code: 'ERR_RELAY',
      message: expect.stringContaining(store.path) as string,
    });
  });

  test('asks for a password', async () => {
    const store = await runningStore(['--requirepass', 'of-the-store']);
    await expect(opened(store)).rejects.toMatchObject({ code: 'ERR_RELAY' });
    const directory = await opened(store, newOnion(), { password: 'of-the-store' });
    expect(await directory.claim('a-b')).toBeUndefined();
  });

  test('serves relays with other passwords, which do not see each other', async () => {
    const store = await runningStore();
    const one = await opened(store);
    const other = await opened(store, newOnion(), { relayPassword: 'another-one' });
    await one.claim('a-b');
    expect(await other.claim('a-b')).toBeUndefined();
  });

  test('that ends and comes back: nothing is given meanwhile, and claims are made again', async () => {
    const store = await runningStore();
    const onion = newOnion();
    const directory = await opened(store, onion, { leaseMs: LEASE_MS });
    await directory.claim('a-b');
    await store.kill();
    await expect(directory.claim('c-d')).rejects.toThrow('no-directory');
    await expect(directory.find('c-d', GUESSABLE)).rejects.toThrow('no-directory');
    directory.release('e-f');
    await expect.poll(() => directory.isCertain).toBe(false);
    await store.start();
    await expect.poll(() => directory.isCertain).toBe(true);
    const other = await opened(store);
    expect(await other.find('a-b', GUESSABLE)).toBe(onion);
  });

  test('that comes back with an older state gets the claims again, although the lease holds', async () => {
    const store = await runningStore();
    const onion = newOnion();
    const directory = await opened(store, onion);
    const other = await opened(store);
    await directory.claim('a-b');
    for (const key of (await store.ask('KEYS', '*:name:*')) as string[]) {
      await store.ask('DEL', key);
    }
    expect(await other.find('a-b', GUESSABLE)).toBeUndefined();
    await store.ask('CLIENT', 'KILL', 'TYPE', 'normal');
    const found = (): Promise<unknown> => other.find('a-b', GUESSABLE).catch(String);
    await expect.poll(found).toBe(onion);
  });

  test('cannot send anybody to an address that no backend of the relay has written', async () => {
    const store = await runningStore();
    const directory = await opened(store);
    const other = await opened(store);
    await other.claim('a-b');
    const [name = ''] = (await store.ask('KEYS', '*:name:*')) as string[];
    const [lease = ''] = (await store.ask('KEYS', '*:lease:*')) as string[];
    const [prefix = '', known = ''] = lease.split(':lease:');
    const stranger = newOnion();
    for (const forged of [stranger, `${stranger} ${known.split(' ')[1]}`]) {
      await store.ask('SET', `${prefix}:lease:${forged}`, '0');
      await store.ask('SET', name, forged);
      await expect(directory.find('a-b', GUESSABLE)).rejects.toThrow('no-directory');
      await expect(directory.claim('a-b')).rejects.toThrow('no-directory');
    }
  });

  test('that hangs is no store: refused within seconds', async () => {
    const store = await runningStore();
    const directory = await opened(store);
    store.suspend();
    await expect(directory.claim('a-b')).rejects.toThrow('no-directory');
    store.resume();
    await expect.poll(() => directory.claim('a-b').catch(String)).toBeUndefined();
  });

  test('gives the names of a backend whose lease has ended to others, and tells it so', async () => {
    const store = await runningStore();
    const away = await opened(store, newOnion(), { leaseMs: LEASE_MS });
    const lost: string[] = [];
    away.whenLost((name) => lost.push(name));
    for (const name of ['a-b', 'c-d']) await away.claim(name);
    const taker = newOnion();
    const other = await opened(store, taker);
    // In one step, as if this process had stood still for as long as its lease and a claim take.
    const leases = (await store.ask('KEYS', '*:lease:*')) as string[];
    const names = (await store.ask('KEYS', '*:name:*')) as string[];
    const own = leases.filter((key) => !key.includes(taker));
    const [, takerName = ''] = leases.find((key) => key.includes(taker))?.split(':lease:') ?? [];
    const keys = [...own, ...names];
    await store.ask('EVAL', TAKE_OVER, String(keys.length), ...keys, takerName);
    await expect.poll(() => lost.sort()).toEqual(['a-b', 'c-d']);
    expect(await away.claim('a-b')).toBe(taker);
    expect(await other.claim('c-d')).toBeUndefined();
  });

  test('gives the names of a backend that was killed to others as soon as it is back', async () => {
    const store = await runningStore();
    const onion = newOnion();
    await (await opened(store, onion)).claim('a-b');
    const other = await opened(store);
    expect(await other.claim('a-b')).toBe(onion);
    // What was killed says nothing of its end.
    await opened(store, onion);
    expect(await other.find('a-b', GUESSABLE)).toBeUndefined();
    expect(await other.claim('a-b')).toBeUndefined();
  });

  test('holds as many channels as all backends may have together', async () => {
    const store = await runningStore();
    const options = { leaseMs: LEASE_MS, limits: { channelsInAll: 2 } };
    const one = await opened(store, newOnion(), options);
    const other = await opened(store, newOnion(), options);
    await one.claim('a-b');
    await one.claim('c-d');
    // Each learns of the others' when it renews its lease.
    const claimed = (): Promise<unknown> => other.claim('e-f').catch(String);
    await expect.poll(claimed, { interval: 200 }).toBe('Refusal: relay-full');
  });

  test('answers as many guesses at all backends as one would answer', async () => {
    const store = await runningStore();
    const options = { limits: { unknownNamesPerSecond: 3 } };
    const both = [
      await opened(store, newOnion(), options),
      await opened(store, newOnion(), options),
    ];
    const looks = Array.from({ length: 20 }, (_, n) =>
      both[n % 2]!.find(`a-${n}`, GUESSABLE).catch(String),
    );
    expect(await Promise.all(looks)).toContain('Refusal: too-many');
    const secret = '0'.repeat(32);
    expect(await both[0]!.find(secret, { isGuessable: false })).toBeUndefined();
  });

  test('sees no name of a channel, and no password', async () => {
    const store = await runningStore();
    const directory = await opened(store);
    await directory.claim('correct-horse');
    const seen = String(await store.ask('KEYS', '*'));
    expect(seen).toContain('onionferry:');
    expect(seen).not.toMatch(/correct|horse|everybody/);
  });
});

test('a store that ends lets running transfers of its relay go on', async () => {
  const store = await runningStore();
  const fleet = new Fleet({
    directoryOf: (onion) => opened(store, onion, { leaseMs: LEASE_MS }),
  });
  const backends = [await fleet.add(), await fleet.add()];
  const client = fleet.client();
  const pair = await answeredPair(client);
  await store.kill();
  await expect.poll(() => backends.some(({ directory }) => directory.isCertain)).toBe(false);
  await pair.confirm();
  const join = { role: 'sender', nonce: nonce(), channel: 'c-d' } as const;
  await expect(client.join(join)).rejects.toMatchObject({ code: 'ERR_RELAY_BUSY' });
  const recipient = { role: 'recipient', nonce: nonce(), channel: 'a-b' } as const;
  await expect(client.join(recipient)).rejects.toMatchObject({ code: 'ERR_RELAY_BUSY' });
  await store.start();
  await expect.poll(() => client.join(join).catch(String)).toMatchObject({ channel: 'c-d' });
});

test('a backend that drains hands a sender that waits over to another, by the store', async () => {
  const store = await runningStore();
  const fleet = new Fleet({ directoryOf: (onion) => opened(store, onion) });
  const [first, second] = [await fleet.add(), await fleet.add()];
  await confirmedPair(fleet.client(first.onion), 'x-y');
  const channel = await senderAt(fleet.client(first.onion));
  const met = channel.meet();
  await first.relay.drain();
  await expect.poll(() => second.relay.counts().channels).toBe(1);
  await Promise.all([met, recipientAt(fleet.client())]);
  expect(second.relay.counts()).toMatchObject({ pairsMade: 1 });
  await channel.close();
});

test('a backend that drains while its store hangs hands over who waits once that answers', async () => {
  const store = await runningStore();
  const fleet = new Fleet({ directoryOf: (onion) => opened(store, onion) });
  const first = await fleet.add();
  await fleet.add();
  await confirmedPair(fleet.client(first.onion), 'x-y');
  store.suspend();
  await first.relay.drain();
  expect(first.relay.counts()).toMatchObject({ channels: 1 });
  store.resume();
  await expect.poll(() => first.relay.counts()).toMatchObject({ channels: 0, pairs: 1 });
});
