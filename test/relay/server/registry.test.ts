import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import { DEFAULT_RELAY_LIMITS, type RelayLimits } from '../../../src/relay/limits.js';
import { Registry } from '../../../src/relay/server/registry.js';
import { LocalEnd, SocketEnd } from '../../../src/relay/staple/stream-end.js';
import type { JoinReply, ParticipantId, SenderState } from '../../../src/relay-protocol/wire.js';
import { socketPair } from '../../support/socket-pair.js';
import { confirmation, nonce, share } from '../support/running-relay.js';

/** A registry whose clock the test moves. */
class Clockwork {
  now = 0;
  readonly registry: Registry;

  constructor(limits: Partial<RelayLimits> = {}) {
    this.registry = new Registry({
      limits: { ...DEFAULT_RELAY_LIMITS, ...limits },
      now: () => this.now,
    });
    onTestFinished(() => this.registry.close());
  }

  open(channel?: string): JoinReply {
    return this.registry.join({
      role: 'sender',
      nonce: nonce(),
      ...(channel !== undefined && { channel }),
    });
  }

  pass(ms: number): void {
    this.now += ms;
    this.registry.sweep();
  }
}

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

/** Opens as many channels through a circuit. @returns their senders */
function openThrough({ registry }: Clockwork, circuit: number, count: number): JoinReply[] {
  const caller = { socket: { destroyed: false }, circuit };
  return Array.from({ length: count }, () =>
    registry.join({ role: 'sender', nonce: nonce() }, caller),
  );
}

/** Whether a channel is still there */
async function lives({ registry }: Clockwork, { channel, uuid }: JoinReply): Promise<boolean> {
  const state = registry.request({ channel, uuid });
  return await state.then(
    () => true,
    () => false,
  );
}

test('when the relay is full, the circuit with most channels loses its oldest for a newcomer', async () => {
  const clockwork = new Clockwork({ channels: 6 });
  const [few, many] = [openThrough(clockwork, 1, 2), openThrough(clockwork, 2, 4)];
  const [newcomer] = openThrough(clockwork, 3, 1);
  const living = await Promise.all(
    [...few, ...many, newcomer!].map((one) => lives(clockwork, one)),
  );
  expect(living).toEqual([true, true, false, true, true, true, true]);
  // One more each way: no circuit has more than the newcomer would have.
  openThrough(clockwork, 4, 1);
  expect(() => openThrough(clockwork, 3, 1)).toThrow('relay-full');
});

test('a pair that carries bytes is not removed for a newcomer, nor what it can reconnect in', async () => {
  const clockwork = new Clockwork({ channels: 3 });
  const { registry } = clockwork;
  const [sender, other] = openThrough(clockwork, 1, 2) as [JoinReply, JoinReply];
  const { own, recipient } = await pairUp(registry, sender);
  const { channel } = sender;
  const near = new Promise<Duplex>((resolve) => {
    registry.openStream({ channel, uuid: own, stream: 0 }, new LocalEnd(resolve, () => undefined));
  });
  const [relays, far] = await socketPair();
  onTestFinished(() => void far.destroy());
  const end = new SocketEnd(relays, relays, 1_000);
  registry.openStream({ channel, uuid: recipient, stream: 0 }, end);
  (await near).write('bytes');
  await once(far, 'data');
  clockwork.pass(1_000);
  expect(() => openThrough(clockwork, 2, 1)).toThrow('relay-full');
  // Without bytes for a minute it is one of three.
  clockwork.pass(60_000);
  openThrough(clockwork, 2, 1);
  expect(await lives(clockwork, { ...sender, uuid: own })).toBe(false);
  expect(await lives(clockwork, other)).toBe(true);
});

test('the channel of a sender without a connection ends soon, and can be opened again', () => {
  const clockwork = new Clockwork();
  const socket = { destroyed: false };
  const request = { role: 'sender', nonce: nonce(), channel: 'a-b' } as const;
  const opened = clockwork.registry.join(request, { socket, circuit: 1 });
  socket.destroyed = true;
  clockwork.pass(1);
  clockwork.pass(DEFAULT_RELAY_LIMITS.senderGoneMs - 1);
  expect(clockwork.registry.join(request, { socket, circuit: 1 }).uuid).toBe(opened.uuid);
  clockwork.pass(1);
  clockwork.pass(DEFAULT_RELAY_LIMITS.senderGoneMs);
  expect(clockwork.registry.isGuess({ channel: 'a-b' })).toBe(true);
  expect(clockwork.registry.join(request, { socket, circuit: 1 }).uuid).not.toBe(opened.uuid);
});

test('the channel of a sender that asks no more ends after two minutes', () => {
  const clockwork = new Clockwork();
  clockwork.open('a-b');
  clockwork.pass(119_999);
  expect(clockwork.registry.isGuess({ channel: 'a-b' })).toBe(false);
  clockwork.pass(1);
  expect(clockwork.registry.isGuess({ channel: 'a-b' })).toBe(true);
});

test('only names that can be guessed are guesses', () => {
  const clockwork = new Clockwork();
  const { uuid } = clockwork.open('a-b');
  const other = clockwork.open('c-d').uuid;
  expect(clockwork.registry.isGuess({ channel: 'a-b' })).toBe(false);
  expect(clockwork.registry.isGuess({ channel: 'a-b', uuid })).toBe(false);
  expect(clockwork.registry.isGuess({ channel: 'a-b', uuid: other })).toBe(true);
  expect(clockwork.registry.isGuess({ channel: 'e-f' })).toBe(true);
  expect(clockwork.registry.isGuess({ channel: '0'.repeat(32) })).toBe(false);
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

/** Makes a pair in a sender's channel. @returns its two participants */
async function pairUp(
  registry: Registry,
  { channel, uuid }: JoinReply,
  attempt = 1,
): Promise<{ own: ParticipantId; recipient: ParticipantId }> {
  const { h_k, hh_k } = confirmation();
  await registry.request({ channel, uuid, attempt, x: share() });
  const { uuid: recipient } = registry.join({ role: 'recipient', nonce: nonce(), channel });
  await registry.request({ channel, uuid: recipient, y: share(), hh_k });
  // A sender's request is answered so.
  const state = (await registry.request({ channel, uuid, attempt, h_k })) as SenderState;
  return { own: state.attempts.at(-1)?.participant ?? uuid, recipient };
}

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
