import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { utf8 } from '../../../src/base/bytes.js';
import { hasCode } from '../../../src/base/errors.js';
import { DEFAULT_RELAY_LIMITS } from '../../../src/relay/limits.js';
import type { ByteChannel } from '../../../src/stream/byte-channel.js';
import { answeredPair, confirmedPair } from '../support/confirmed-pair.js';
import { farAccess, nonce, runningRelay, share } from '../support/running-relay.js';

/** What comes next, as text; undefined at the end. */
async function heard(channel: ByteChannel): Promise<string | undefined> {
  const piece = await channel.read();
  return piece === undefined ? undefined : Buffer.from(piece).toString();
}

test('a local sender and a remote recipient are joined, and nothing written early is lost', async () => {
  const relay = await runningRelay();
  const pair = await confirmedPair(relay.local);
  const near = (await relay.local.dialStream()).hello({
    channel: pair.channel,
    uuid: pair.sender,
    stream: 0,
  });
  const dialled = await farAccess(relay).dialStream();
  const far = dialled.hello({ channel: pair.channel, uuid: pair.recipient, stream: 0 });
  const farEnd = await far.channel;
  await farEnd.write([utf8('written before anything was answered')]);
  const nearEnd = await near.channel;
  expect(await heard(nearEnd)).toBe('written before anything was answered');
  await nearEnd.write([utf8('and back')]);
  nearEnd.end();
  expect(await heard(farEnd)).toBe('and back');
  expect(await heard(farEnd)).toBeUndefined();
  farEnd.end();
  await farEnd.closed;
});

test('both may be local', async () => {
  const { local } = await runningRelay();
  const pair = await confirmedPair(local);
  const [one, other] = await Promise.all(
    [pair.sender, pair.recipient].map(async (uuid) => {
      const dialled = await local.dialStream();
      return await dialled.hello({ channel: pair.channel, uuid, stream: 3 }).channel;
    }),
  );
  void one!.write([utf8('there')]);
  void other!.write([utf8('back')]);
  expect(await heard(one!)).toBe('back');
  expect(await heard(other!)).toBe('there');
  one!.end();
  expect(await heard(other!)).toBeUndefined();
});

test('refusals are the errors of the far access', async () => {
  const { local } = await runningRelay();
  const pair = await answeredPair(local);
  const { channel, sender: uuid } = pair;
  const join = { role: 'recipient' as const, nonce: nonce() };
  const dialled = await local.dialStream();
  const failing: [Promise<unknown>, string][] = [
    [local.join({ ...join, channel: 'c-d' }), 'ERR_CHANNEL_MISSING'],
    [local.join({ ...join, channel, role: 'sender' }), 'ERR_CHANNEL_TAKEN'],
    [local.join({ ...join, channel, curve: 'siec' }), 'ERR_CURVE'],
    [local.join({ ...join, channel: 'no channel' }), 'ERR_PROTOCOL'],
    [local.channel({ channel, uuid, attempt: 1, x: share() }), 'ERR_PROTOCOL'],
    [local.channel({ channel, uuid, attempt: 9, close: true }), 'ERR_ATTEMPT_ENDED'],
    [dialled.hello({ channel: 'c-d', uuid, stream: 0 }).channel, 'ERR_CHANNEL_MISSING'],
  ];
  for (const [promise, code] of failing) await expect(promise).rejects.toMatchObject({ code });
});

test('a stream given up before it is joined rejects and makes room for another', async () => {
  const { local } = await runningRelay({ streams: 1 });
  const { channel, sender: uuid } = await confirmedPair(local);
  const first = (await local.dialStream()).hello({ channel, uuid, stream: 0 });
  const second = (await local.dialStream()).hello({ channel, uuid, stream: 1 });
  await expect(second.channel).rejects.toMatchObject({ code: 'ERR_RELAY_BUSY' });
  first.destroy();
  await expect(first.channel).rejects.toMatchObject({ code: 'ERR_PEER_GONE' });
  const third = (await local.dialStream()).hello({ channel, uuid, stream: 2 });
  third.destroy();
  await expect(third.channel).rejects.toMatchObject({ code: 'ERR_PEER_GONE' });
});

test('closing the local access ends what waits there and leaves the channel', async () => {
  const { local, ...relay } = await runningRelay();
  const { channel, sender: uuid } = await confirmedPair(local);
  const poll = local.channel({ channel, uuid, wait: 50_000, since: 9 });
  const stream = (await local.dialStream()).hello({ channel, uuid, stream: 0 });
  await local.close();
  await expect(poll).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
  await expect(stream.channel).rejects.toMatchObject({ code: 'ERR_PEER_GONE' });
  await expect(local.channel({ channel, uuid })).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
  expect(await farAccess(relay).channel({ channel, uuid })).toMatchObject({ role: 'sender' });
});

test('a signal ends a local poll with its reason', async () => {
  const { local } = await runningRelay();
  const { channel, sender: uuid } = await confirmedPair(local);
  const leaving = new AbortController();
  const poll = local.channel({ channel, uuid, wait: 50_000, since: 9 }, { signal: leaving.signal });
  leaving.abort(new Error('enough'));
  await expect(poll).rejects.toThrow('enough');
});

test('a closing relay tells waiting clients and leaves nothing behind', async () => {
  const relay = await runningRelay();
  const { channel, sender, recipient } = await confirmedPair(relay.local);
  const far = farAccess(relay);
  const poll = far.channel({ channel, uuid: recipient, since: 9, wait: 50_000 });
  const told = poll.then(
    () => undefined,
    (error: unknown) => hasCode(error, 'ERR_CHANNEL_CLOSED'),
  );
  const held = (await far.dialStream()).hello({ channel, uuid: sender, stream: 1 });
  await delay(50);
  await Promise.all([relay.close(), relay.close()]);
  expect(await told).toBe(true);
  await expect((await held.channel).read()).rejects.toMatchObject({ code: 'ERR_CHANNEL_CLOSED' });
});

test('a stapled channel through which bytes flow is not swept, a silent one is', async () => {
  expect(DEFAULT_RELAY_LIMITS.idleMs).toBeGreaterThan(60_000);
  const relay = await runningRelay({ idleMs: 1500, lifetimeMs: 1500 });
  const pair = await confirmedPair(relay.local);
  const place = { channel: pair.channel, stream: 0 };
  const near = (await relay.local.dialStream()).hello({ ...place, uuid: pair.sender });
  const dialled = await farAccess(relay).dialStream();
  const far = dialled.hello({ ...place, uuid: pair.recipient });
  const [nearEnd, farEnd] = await Promise.all([near.channel, far.channel]);
  let hasEnded = false;
  const ended = heard(farEnd).finally(() => {
    hasEnded = true;
  });
  for (let i = 0; i < 40; i++) {
    await farEnd.write([utf8('a byte now and then')]);
    expect(await heard(nearEnd)).toBe('a byte now and then');
    await delay(100);
  }
  expect(hasEnded).toBe(false);
  expect(await ended).toBeUndefined();
  const late = relay.local.channel({ channel: pair.channel, uuid: pair.sender });
  await expect(late).rejects.toMatchObject({ code: 'ERR_CHANNEL_MISSING' });
});
