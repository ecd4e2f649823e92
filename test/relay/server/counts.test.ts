import { describe, expect, test } from 'vitest';
import type { RelayServer } from '../../../src/relay/server/start-relay.js';
import type { RelayClient } from '../../../src/relay-protocol/relay-client.js';
import { answeredPair, confirmedPair, type Pair } from '../support/confirmed-pair.js';
import { CREDENTIALS, farAccess, nonce, runningRelay } from '../support/running-relay.js';

/** Sends as many bytes through a stream of the pair. */
async function carry(
  access: RelayClient,
  { channel, sender, recipient }: Pair,
  stream: number,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<void> {
  const [from, to] = await Promise.all(
    [sender, recipient].map((uuid) => access.openStream({ channel, uuid, stream })),
  );
  const [source, sink] = await Promise.all([from?.channel, to?.channel]);
  await source?.write([bytes]);
  source?.end();
  let received = 0;
  for (;;) {
    const piece = await sink?.read();
    if (piece === undefined) break;
    received += piece.length;
  }
  expect(received).toBe(bytes.length);
  sink?.end();
}

describe('a relay counts', () => {
  test('channels, pairs, places, and the bytes of both directions alone', async () => {
    const relay = await runningRelay({ channels: 10 });
    const access = farAccess(relay);
    expect(relay.counts()).toEqual({
      ...{ channels: 0, channelsOpened: 0, channelsRefused: 0, pairs: 0, pairsMade: 0, bytes: 0 },
      ...{ wrongDoors: 0, failedGuesses: 0, refusals: {}, placesTaken: 0, placesFree: 10 },
    });
    const pair = await confirmedPair(access);
    await carry(access, pair, 0, new Uint8Array(100_000));
    expect(relay.counts()).toMatchObject({
      ...{ channels: 1, channelsOpened: 1, pairs: 1, pairsMade: 1, placesTaken: 2, placesFree: 8 },
    });
    await expect.poll(() => relay.counts().bytes).toBe(100_000);
    await carry(access, pair, 1, new Uint8Array(5));
    await access.channel({ channel: pair.channel, uuid: pair.sender, close: true });
    await expect.poll(() => relay.counts().bytes).toBe(100_005);
    expect(relay.counts()).toMatchObject({ channels: 1, pairs: 0, pairsMade: 1, placesTaken: 1 });
  });

  test('what it refuses by its reason, and senders apart', async () => {
    const relay = await runningRelay({ channels: 1 });
    const access = farAccess(relay);
    await access.join({ role: 'sender', nonce: nonce(), channel: 'a-b' });
    const join = (channel: string): Promise<unknown> =>
      access.join({ role: 'sender', nonce: nonce(), channel });
    await expect(join('a-b')).rejects.toMatchObject({ code: 'ERR_CHANNEL_TAKEN' });
    await expect(join('c-d')).rejects.toMatchObject({ code: 'ERR_RELAY_BUSY' });
    const { channelsRefused, refusals } = relay.counts();
    expect({ channelsRefused, refusals }).toEqual({
      channelsRefused: 2,
      refusals: { 'channel-taken': 1, 'relay-full': 1 },
    });
  });

  test('wrong doors and failed guesses', async () => {
    const told: string[] = [];
    const audience = { entered: () => undefined, refused: () => void told.push('refused') };
    const relay = await runningRelay({ accessDelayMs: 0 }, { audience });
    const stranger = farAccess(relay, { credentials: { ...CREDENTIALS, password: 'wrong' } });
    const hello = { role: 'recipient', nonce: nonce(), channel: 'not-there' } as const;
    await expect(stranger.join(hello)).rejects.toMatchObject({ code: 'ERR_PASSWORD' });
    const access = farAccess(relay);
    await expect(access.join(hello)).rejects.toMatchObject({ code: 'ERR_CHANNEL_MISSING' });
    const { channel, sender } = await answeredPair(access);
    await access.channel({ channel, uuid: sender, attempt: 1, close: true });
    expect(relay.counts()).toMatchObject({ wrongDoors: 2, failedGuesses: 1 });
    // Who wants to know of visitors hears it as before.
    expect(told).toHaveLength(2);
  });

  test('nothing of whom or under which name', async () => {
    const relay = await runningRelay();
    await confirmedPair(farAccess(relay), 'secret-name');
    expect(JSON.stringify(relay.counts())).not.toContain('secret');
  });
});

describe('a relay that is going away', () => {
  async function draining(): Promise<{ relay: RelayServer; access: RelayClient; pair: Pair }> {
    const relay = await runningRelay();
    const access = farAccess(relay);
    const pair = await confirmedPair(access);
    await relay.drain();
    return { relay, access, pair };
  }

  test('lets nobody in, and says why', async () => {
    const { relay, access } = await draining();
    for (const [role, channel] of [
      ['sender', 'c-d'],
      ['recipient', 'a-b'],
    ] as const) {
      await expect(access.join({ role, nonce: nonce(), channel })).rejects.toMatchObject({
        code: 'ERR_RELAY_BUSY',
        message: expect.stringContaining('is going away') as string,
      });
    }
    expect(relay.counts()).toMatchObject({ channelsRefused: 1, refusals: { 'going-away': 2 } });
  });

  test('begins no transfer with a recipient who came before', async () => {
    const relay = await runningRelay();
    const pair = await answeredPair(farAccess(relay));
    await relay.drain();
    await expect(pair.confirm()).rejects.toMatchObject({ code: 'ERR_RELAY_BUSY' });
    expect(relay.counts().pairs).toBe(0);
  });

  test('carries what runs to its end, and lets its two sides reconnect', async () => {
    const { relay, access, pair } = await draining();
    let isQuiet = false;
    const quiet = relay.quiet(new AbortController().signal).then(() => {
      isQuiet = true;
    });
    await carry(access, pair, 0, new Uint8Array(1000));
    const channel = 'ab'.repeat(16);
    for (const role of ['sender', 'recipient'] as const) {
      await access.join({ role, nonce: nonce(), channel });
    }
    expect(isQuiet).toBe(false);
    await access.channel({ channel: pair.channel, uuid: pair.recipient, close: true });
    await quiet;
    expect(relay.counts().pairs).toBe(0);
  });

  test('waits for nobody if no transfer runs, and no longer than it may', async () => {
    const { relay } = await draining();
    await expect(relay.quiet(AbortSignal.abort(new Error('late')))).rejects.toThrow('late');
    const idle = await runningRelay();
    await idle.drain();
    await idle.quiet(new AbortController().signal);
  });
});
