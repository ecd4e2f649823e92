import { expect, test } from 'vitest';
import { DEFAULT_RELAY_LIMITS } from '../../../src/relay/limits.js';
import type { JoinReply } from '../../../src/relay-protocol/wire.js';
import { confirmation, nonce, share } from '../support/running-relay.js';
import { Clockwork, pairUp } from './clockwork.js';

test('a sender that names no channel gets a random one, the same again for the same nonce', () => {
  const { registry } = new Clockwork();
  const request = { role: 'sender' as const, nonce: nonce() };
  const first = registry.join(request);
  expect(first.channel).toMatch(/^[0-9a-f]{32}$/);
  expect(registry.join(request)).toEqual(first);
  expect(registry.join({ ...request, nonce: nonce() }).channel).not.toBe(first.channel);
});

test('a repeated join changes nothing, for either role', () => {
  const clockwork = new Clockwork();
  const sender = { role: 'sender' as const, nonce: nonce(), channel: 'a-b' };
  const opened = clockwork.registry.join(sender);
  expect(clockwork.registry.join(sender)).toEqual(opened);
  const recipient = { role: 'recipient' as const, nonce: nonce(), channel: 'a-b' };
  const joined = clockwork.registry.join(recipient);
  expect(clockwork.registry.join(recipient)).toEqual(joined);
  expect(joined.uuid).not.toBe(opened.uuid);
});

test('there are no more channels than allowed, and one that has ended makes room', async () => {
  const clockwork = new Clockwork({ channels: 2 });
  const { channel, uuid } = clockwork.open();
  clockwork.open();
  expect(() => clockwork.open()).toThrow('relay-full');
  await clockwork.registry.request({ channel, uuid, close: true });
  clockwork.open();
  clockwork.pass(DEFAULT_RELAY_LIMITS.idleMs);
  clockwork.open();
  clockwork.open();
  expect(() => clockwork.open()).toThrow('relay-full');
});

test('through one circuit no more channels are opened than allowed, until one has ended', async () => {
  const { registry } = new Clockwork({ channelsPerCircuit: 2 });
  const open = (circuit?: number): JoinReply =>
    registry.join({ role: 'sender', nonce: nonce() }, { socket: { destroyed: false }, circuit });
  const { channel, uuid } = open(7);
  open(7);
  expect(() => open(7)).toThrow('too-many');
  expect(() => open(7)).toThrow('too-many');
  open(8);
  for (let i = 0; i < 4; i++) open();
  await registry.request({ channel, uuid, close: true });
  open(7);
  expect(() => open(7)).toThrow('too-many');
});

test('a name is free again once its channel has ended', async () => {
  const clockwork = new Clockwork();
  const { uuid } = clockwork.open('a-b');
  expect(() => clockwork.open('a-b')).toThrow('channel-taken');
  await clockwork.registry.request({ channel: 'a-b', uuid, close: true });
  await expect(clockwork.registry.request({ channel: 'a-b', uuid })).rejects.toThrow(
    'no-such-channel',
  );
  const next = clockwork.open('a-b');
  expect(next.uuid).not.toBe(uuid);
  await expect(clockwork.registry.request({ channel: 'a-b', uuid })).rejects.toThrow(
    'attempt-ended',
  );
});

test('an idle channel ends without a request, and tells waiting clients', async () => {
  const clockwork = new Clockwork();
  const { channel, uuid } = clockwork.open('a-b');
  const waiting = clockwork.registry.request({ channel, uuid, wait: 50_000 });
  const told = expect(waiting).rejects.toThrow('channel-closed');
  clockwork.pass(DEFAULT_RELAY_LIMITS.idleMs);
  await told;
  await expect(clockwork.registry.request({ channel, uuid })).rejects.toThrow('no-such-channel');
});

test('a poll is answered at once if the revision has passed already', async () => {
  const { registry } = new Clockwork();
  const sender = registry.join({ role: 'sender', nonce: nonce(), channel: 'a-b' });
  const place = { channel: 'a-b', uuid: sender.uuid };
  await registry.request({ ...place, attempt: 1, x: share() });
  registry.join({ role: 'recipient', nonce: nonce(), channel: 'a-b' });
  let state: unknown;
  void registry.request({ ...place, since: 0, wait: 50_000 }).then((answer) => {
    state = answer;
  });
  await new Promise(setImmediate);
  expect(state).toMatchObject({ revision: 1, attempts: [{ attempt: 1, phase: 'joined' }] });
});

test('a poll is answered when somebody else changes the state, not when oneself does', async () => {
  const { registry } = new Clockwork();
  const sender = registry.join({ role: 'sender', nonce: nonce(), channel: 'a-b' });
  const place = { channel: 'a-b', uuid: sender.uuid };
  let answered = false;
  const poll = registry.request({ ...place, wait: 50_000 }).finally(() => {
    answered = true;
  });
  await registry.request({ ...place, attempt: 1, x: share() });
  await new Promise(setImmediate);
  expect(answered).toBe(false);
  registry.join({ role: 'recipient', nonce: nonce(), channel: 'a-b' });
  expect(await poll).toMatchObject({ revision: 1, attempts: [{ phase: 'joined' }] });
});

test('a poll that nothing happens to ends with the unchanged state', async () => {
  const { registry } = new Clockwork();
  const { channel, uuid, state } = registry.join({ role: 'sender', nonce: nonce() });
  expect(await registry.request({ channel, uuid, wait: 30 })).toEqual(state);
});

test('of two polls of one participant the newer ends the older', async () => {
  const { registry } = new Clockwork();
  const { channel, uuid, state } = registry.join({ role: 'sender', nonce: nonce() });
  const older = registry.request({ channel, uuid, wait: 50_000 });
  const newer = registry.request({ channel, uuid, wait: 40 });
  expect(await older).toEqual(state);
  expect(await newer).toEqual(state);
});

test('a poll is over as soon as its caller goes away', async () => {
  const { registry } = new Clockwork();
  const { channel, uuid } = registry.join({ role: 'sender', nonce: nonce() });
  const gone = new AbortController();
  const poll = registry.request({ channel, uuid, wait: 50_000 }, { signal: gone.signal });
  gone.abort(new Error('gone'));
  await expect(poll).rejects.toThrow('gone');
  const late = registry.request({ channel, uuid, wait: 50_000 }, { signal: gone.signal });
  await expect(late).rejects.toThrow('gone');
});

test('a poll of a recipient ends with its place', async () => {
  const clockwork = new Clockwork();
  const sender = clockwork.open('a-b');
  await clockwork.registry.request({ channel: 'a-b', uuid: sender.uuid, attempt: 1, x: share() });
  const join = { role: 'recipient' as const, nonce: nonce(), channel: 'a-b' };
  const { uuid } = clockwork.registry.join(join);
  const poll = clockwork.registry.request({ channel: 'a-b', uuid, wait: 50_000 });
  const told = expect(poll).rejects.toThrow('too-many');
  clockwork.pass(DEFAULT_RELAY_LIMITS.silentMs);
  await told;
});

test('a poll that waits for the confirmation is answered by it', async () => {
  const { registry } = new Clockwork();
  const sender = registry.join({ role: 'sender', nonce: nonce(), channel: 'a-b' });
  const from = { channel: 'a-b', uuid: sender.uuid };
  const { h_k, hh_k } = confirmation();
  await registry.request({ ...from, attempt: 1, x: share() });
  const { uuid } = registry.join({ role: 'recipient', nonce: nonce(), channel: 'a-b' });
  const poll = registry.request({ channel: 'a-b', uuid, y: share(), hh_k, wait: 50_000 });
  await registry.request({ ...from, attempt: 1, h_k, busy: true });
  expect(await poll).toMatchObject({ phase: 'confirmed', h_k });
});

test('those that wait in the channel of a sender that is busy now hear it at once', async () => {
  const clockwork = new Clockwork();
  const { registry } = clockwork;
  const sender = clockwork.open('a-b');
  const { uuid } = registry.join({ role: 'recipient', nonce: nonce(), channel: 'a-b' });
  const poll = registry.request({ channel: 'a-b', uuid, wait: 50_000 });
  const told = expect(poll).rejects.toThrow('channel-full');
  await registry.request({ channel: 'a-b', uuid: sender.uuid, busy: true });
  await told;
  await expect(registry.request({ channel: 'a-b', uuid })).rejects.toThrow('channel-full');
});

test('a pair outlives its channel, and is found under its name only', async () => {
  const clockwork = new Clockwork();
  const { registry } = clockwork;
  const sender = clockwork.open('a-b');
  const { own, recipient } = await pairUp(registry, sender);
  await registry.request({ channel: 'a-b', uuid: sender.uuid, close: true });
  clockwork.open('a-b');
  clockwork.open('c-d');
  for (const uuid of [own, recipient]) {
    expect(await registry.request({ channel: 'a-b', uuid })).toMatchObject({ stapled: false });
    await expect(registry.request({ channel: 'c-d', uuid })).rejects.toThrow('attempt-ended');
  }
  clockwork.pass(DEFAULT_RELAY_LIMITS.idleMs);
  await expect(registry.request({ channel: 'a-b', uuid: own })).rejects.toThrow('no-such-channel');
});

test('pairs count among the channels, of the relay and of a circuit', async () => {
  const { registry } = new Clockwork({ channels: 3 });
  const sender = registry.join({ role: 'sender', nonce: nonce() });
  const { own } = await pairUp(registry, sender);
  await pairUp(registry, sender, 2);
  await expect(pairUp(registry, sender, 3)).rejects.toThrow('relay-full');
  expect(() => registry.join({ role: 'sender', nonce: nonce() })).toThrow('relay-full');
  const { channel } = sender;
  await registry.request({ channel, uuid: own, close: true });
  registry.join({ role: 'sender', nonce: nonce() });

  const small = new Clockwork({ channelsPerCircuit: 2 }).registry;
  const caller = { socket: { destroyed: false }, circuit: 7 };
  const through = small.join({ role: 'sender', nonce: nonce() }, caller);
  await pairUp(small, through);
  await expect(pairUp(small, through, 2)).rejects.toThrow('too-many');
  expect(() => small.join({ role: 'sender', nonce: nonce() }, caller)).toThrow('too-many');
});

test('an answer that the sender has refused counts for its circuit, and nothing else does', async () => {
  const clockwork = new Clockwork();
  const { registry, refused } = clockwork;
  const { channel, uuid } = clockwork.open();
  const answer = async (attempt: number, circuit: number): Promise<JoinReply> => {
    await registry.request({ channel, uuid, attempt, x: share() });
    const caller = { socket: { destroyed: false }, circuit };
    const joined = registry.join({ role: 'recipient', nonce: nonce(), channel }, caller);
    const { hh_k } = confirmation();
    await registry.request({ channel, uuid: joined.uuid, y: share(), hh_k });
    return joined;
  };
  await answer(1, 7);
  await registry.request({ channel, uuid, attempt: 1, close: true });
  expect(refused).toEqual([7]);

  const left = await answer(2, 8);
  await registry.request({ channel, uuid: left.uuid, close: true });
  await answer(3, 9);
  await registry.request({ channel, uuid, busy: true });
  await registry.request({ channel, uuid, busy: false });
  await registry.request({ channel, uuid, attempt: 4, x: share() });
  await registry.request({ channel, uuid, attempt: 4, close: true });
  await pairUp(registry, { ...left, channel, uuid }, 5);
  await registry.request({ channel, uuid, attempt: 5, close: true });
  expect(refused).toEqual([7]);
});
