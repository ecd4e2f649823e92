import { once } from 'node:events';
import { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { hasCode } from '../../../src/base/errors.js';
import { DEFAULT_RELAY_LIMITS } from '../../../src/relay/limits.js';
import { answeredPair, confirmedPair } from '../support/confirmed-pair.js';
import { farAccess, nonce, runningRelay, share } from '../support/running-relay.js';

test('a local sender is given the socket of the recipient far away itself', async () => {
  const relay = await runningRelay();
  const pair = await confirmedPair(relay.local);
  const near = (await relay.local.dialStream()).hello({
    channel: pair.channel,
    uuid: pair.sender,
    stream: 0,
  });
  const dialled = await farAccess(relay).dialStream();
  const far = dialled.hello({ channel: pair.channel, uuid: pair.recipient, stream: 0 });
  const farEnd = await far.duplex;
  farEnd.write('written before anything was answered');
  const [nearEnd] = await Promise.all([near.duplex, near.answered, far.answered]);
  expect(nearEnd).toBeInstanceOf(Socket);
  const [received] = (await once(nearEnd, 'data')) as [Buffer];
  expect(received.toString()).toBe('written before anything was answered');
  nearEnd.end('and back');
  const [back] = (await once(farEnd, 'data')) as [Buffer];
  expect(back.toString()).toBe('and back');
  farEnd.end();
  await once(farEnd, 'close');
});

test('both may be local', async () => {
  const { local } = await runningRelay();
  const pair = await confirmedPair(local);
  const [one, other] = await Promise.all(
    [pair.sender, pair.recipient].map(async (uuid) => {
      const dialled = await local.dialStream();
      return await dialled.hello({ channel: pair.channel, uuid, stream: 3 }).duplex;
    }),
  );
  one!.write('there');
  other!.write('back');
  for (const [duplex, text] of [
    [one!, 'back'],
    [other!, 'there'],
  ] as const) {
    const [received] = (await once(duplex, 'data')) as [Buffer];
    expect(received.toString()).toBe(text);
  }
  one!.end();
  await once(other!, 'end');
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
    [dialled.hello({ channel: 'c-d', uuid, stream: 0 }).duplex, 'ERR_CHANNEL_MISSING'],
  ];
  for (const [promise, code] of failing) await expect(promise).rejects.toMatchObject({ code });
});

test('a stream given up before it is joined rejects and frees its place', async () => {
  const { local } = await runningRelay({ streams: 1 });
  const { channel, sender: uuid } = await confirmedPair(local);
  const first = (await local.dialStream()).hello({ channel, uuid, stream: 0 });
  const second = (await local.dialStream()).hello({ channel, uuid, stream: 1 });
  await expect(second.duplex).rejects.toMatchObject({ code: 'ERR_RELAY_BUSY' });
  first.destroy();
  await expect(first.duplex).rejects.toMatchObject({ code: 'ERR_STREAM' });
  await expect(first.answered).rejects.toMatchObject({ code: 'ERR_STREAM' });
  const third = (await local.dialStream()).hello({ channel, uuid, stream: 2 });
  third.destroy();
  await expect(third.duplex).rejects.toMatchObject({ code: 'ERR_STREAM' });
});

test('closing the local access ends what waits there and leaves the channel', async () => {
  const { local, ...relay } = await runningRelay();
  const { channel, sender: uuid } = await confirmedPair(local);
  const poll = local.channel({ channel, uuid, wait: 50_000, since: 9 });
  const stream = (await local.dialStream()).hello({ channel, uuid, stream: 0 });
  await local.close();
  await expect(poll).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
  await expect(stream.duplex).rejects.toMatchObject({ code: 'ERR_STREAM' });
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

test('a closing relay tells those who wait and leaves nothing behind', async () => {
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
  await expect(held.answered).rejects.toMatchObject({ code: 'ERR_CHANNEL_CLOSED' });
});

test('a stapled channel through which bytes flow is not swept, a silent one is', async () => {
  expect(DEFAULT_RELAY_LIMITS.idleMs).toBeGreaterThan(60_000);
  const relay = await runningRelay({ idleMs: 1500, lifetimeMs: 1500 });
  const pair = await confirmedPair(relay.local);
  const place = { channel: pair.channel, stream: 0 };
  const near = (await relay.local.dialStream()).hello({ ...place, uuid: pair.sender });
  const dialled = await farAccess(relay).dialStream();
  const far = dialled.hello({ ...place, uuid: pair.recipient });
  const [nearEnd, farEnd] = await Promise.all([near.duplex, far.duplex, far.answered]);
  nearEnd.resume();
  for (let i = 0; i < 40; i++) {
    farEnd.write('a byte now and then');
    await delay(100);
  }
  expect(farEnd.readableEnded).toBe(false);
  farEnd.resume();
  await once(farEnd, 'end');
  const late = relay.local.channel({ channel: pair.channel, uuid: pair.sender });
  await expect(late).rejects.toMatchObject({ code: 'ERR_CHANNEL_MISSING' });
});
