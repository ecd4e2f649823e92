import { expect, test } from 'vitest';
import { Channel } from '../../../src/relay/channel/channel.js';
import type { ParticipantId, SenderState } from '../../../src/relay-protocol/wire.js';
import { confirmation } from '../support/running-relay.js';
import { idOf, LIMITS, type Write } from './channel-world.js';

const sender = idOf('sender');

function openChannel(): Channel {
  return new Channel({ name: 'a-b', curve: 'p384', sender, nonce: 'n', limits: LIMITS }, 0);
}

/** Posts as a participant. */
function say(channel: Channel, uuid: ParticipantId, write: Write, now = 0): unknown {
  return channel.request({ channel: 'a-b', uuid, ...write }, now);
}

function join(channel: Channel, name: string, now = 0, circuit?: number): ParticipantId {
  return channel.join(idOf(name), `nonce of ${name}`, undefined, now, circuit);
}

function attempts(channel: Channel): string[] {
  const state = channel.state(sender) as SenderState;
  return state.attempts.map(({ attempt, phase }) => `${attempt} ${phase}`);
}

function confirm(channel: Channel, attempt: number, recipient: ParticipantId, now = 0): void {
  const { h_k, hh_k } = confirmation();
  say(channel, recipient, { y: 'y', hh_k }, now);
  say(channel, sender, { attempt, h_k }, now);
}

test('attempts are joined in the order in which they were posted', () => {
  const channel = openChannel();
  say(channel, sender, { attempt: 7, x: 'x7' });
  say(channel, sender, { attempt: 3, x: 'x3' });
  join(channel, 'first');
  expect(channel.state(idOf('first'))).toMatchObject({ revision: 0, attempt: 7, x: 'x7' });
  expect(attempts(channel)).toEqual(['7 joined', '3 posted']);
});

test('the recipient that has waited longest gets the next attempt', () => {
  const channel = openChannel();
  const [first, second] = [join(channel, 'first'), join(channel, 'second')];
  expect(channel.state(first)).toEqual({
    role: 'recipient',
    revision: 0,
    phase: 'waiting',
    stapled: false,
  });
  say(channel, sender, { attempt: 1, x: 'x' });
  expect(channel.state(first)).toMatchObject({ revision: 1, phase: 'joined', attempt: 1 });
  expect(channel.state(second)).toMatchObject({ revision: 0, phase: 'waiting' });
});

test('a number once spent never comes back, in whatever order numbers come', () => {
  const channel = openChannel();
  for (const attempt of [2, 5, 1]) {
    say(channel, sender, { attempt, x: 'x' });
    say(channel, sender, { attempt, close: true });
    expect(() => say(channel, sender, { attempt, x: 'x' })).toThrow('attempt-ended');
  }
  say(channel, sender, { attempt: 4, x: 'x' });
  for (let attempt = 6; attempt < 5000; attempt += 2) {
    say(channel, sender, { attempt, x: 'x' });
    say(channel, sender, { attempt, close: true });
  }
  for (const attempt of [1, 2, 3, 5, 6, 4998]) {
    expect(() => say(channel, sender, { attempt, x: 'x' })).toThrow('attempt-ended');
  }
  expect(attempts(channel)).toEqual(['4 posted']);
  say(channel, sender, { attempt: 4, x: 'x' });
});

test('fields belong to their side and are written once', () => {
  const channel = openChannel();
  const { h_k, hh_k } = confirmation();
  say(channel, sender, { attempt: 1, x: 'x' });
  expect(() => say(channel, sender, { attempt: 1, x: 'z' })).toThrow('already-written');
  expect(() => say(channel, sender, { attempt: 1, y: 'y', hh_k })).toThrow('not-yours');
  expect(() => say(channel, sender, { attempt: 1, h_k })).toThrow('bad-request');
  const recipient = join(channel, 'r');
  expect(() => say(channel, recipient, { attempt: 1, x: 'x' })).toThrow('not-yours');
  expect(() => say(channel, recipient, { attempt: 1, h_k })).toThrow('not-yours');
  expect(() => say(channel, recipient, { attempt: 2, y: 'y', hh_k })).toThrow('bad-request');
  say(channel, recipient, { y: 'y', hh_k });
  expect(() => say(channel, recipient, { y: 'z', hh_k })).toThrow('already-written');
  expect(() => say(channel, recipient, { y: 'y', hh_k: h_k })).toThrow('already-written');
  say(channel, sender, { attempt: 1, h_k });
  expect(() => say(channel, sender, { attempt: 1, h_k: hh_k })).toThrow('already-written');
});

test('an h_k that does not fit ends the attempt and makes room for another', () => {
  const channel = openChannel();
  say(channel, sender, { attempt: 1, x: 'x' });
  const recipient = join(channel, 'r');
  say(channel, recipient, { y: 'y', hh_k: confirmation().hh_k });
  const { h_k } = confirmation();
  expect(() => say(channel, sender, { attempt: 1, h_k })).toThrow('attempt-ended');
  expect(() => channel.state(recipient)).toThrow('attempt-ended');
  expect(channel.confirmed).toBeUndefined();
  say(channel, sender, { attempt: 2, x: 'x' });
  confirm(channel, 2, join(channel, 'next'));
  expect(channel.confirmed).toBe('next');
});

test('a confirmation ends every other attempt and lets nobody else in', () => {
  const channel = openChannel();
  for (const attempt of [1, 2, 3]) say(channel, sender, { attempt, x: `x${attempt}` });
  const [one, two] = [join(channel, 'one'), join(channel, 'two')];
  confirm(channel, 1, one);
  expect(attempts(channel)).toEqual(['1 confirmed']);
  expect(() => channel.state(two)).toThrow('attempt-ended');
  expect(() => join(channel, 'late')).toThrow('channel-full');
  expect(() => say(channel, sender, { attempt: 9, x: 'x' })).toThrow('attempt-ended');
  expect(join(channel, 'one')).toBe(one);
});

test('what ended an attempt cannot be told from the answer', () => {
  const endings: ((channel: Channel, recipient: ParticipantId) => void)[] = [
    (channel) => say(channel, sender, { attempt: 1, close: true }),
    (channel, recipient) => say(channel, recipient, { close: true }),
    (channel) => channel.advance(LIMITS.silentMs),
    (channel) => {
      for (const name of ['a', 'b', 'c', 'd']) join(channel, name, LIMITS.graceMs);
    },
  ];
  for (const ending of endings) {
    const channel = openChannel();
    say(channel, sender, { attempt: 1, x: 'x' });
    const recipient = join(channel, 'r');
    ending(channel, recipient);
    expect(() => say(channel, recipient, {})).toThrow('attempt-ended');
    expect(() => say(channel, idOf('never was'), {})).toThrow('attempt-ended');
  }
});

test('when the channel is full only a silent attempt past its grace gives way, the oldest first', () => {
  const channel = openChannel();
  for (const attempt of [1, 2, 3]) say(channel, sender, { attempt, x: 'x' });
  for (const name of ['a', 'b', 'c', 'd']) join(channel, name);
  say(channel, idOf('a'), { y: 'y', hh_k: confirmation().hh_k });
  expect(() => join(channel, 'e', LIMITS.graceMs - 1)).toThrow('channel-full');
  join(channel, 'e', LIMITS.graceMs);
  expect(['a', 'b', 'c', 'd', 'e'].filter((name) => channel.has(idOf(name)))).toEqual([
    'a',
    'c',
    'd',
    'e',
  ]);
});

/** Those of one-letter names that are still there */
function present(channel: Channel): string {
  return 'abcdefgh'
    .split('')
    .filter((name) => channel.has(idOf(name)))
    .join('');
}

test('one circuit has two recipients at most: a third removes the first', () => {
  const channel = openChannel();
  say(channel, sender, { attempt: 1, x: 'x' });
  for (const name of ['a', 'b', 'c']) join(channel, name, 0, 7);
  expect(present(channel)).toBe('bc');
  expect(attempts(channel)).toEqual([]);
  expect(() => say(channel, idOf('a'), {})).toThrow('attempt-ended');
  join(channel, 'd', 0, 8);
  expect(join(channel, 'b', 0, 7)).toBe('b');
  expect(present(channel)).toBe('bcd');
});

test('when the channel is full, the circuit with most recipients loses one, answered or not', () => {
  const channel = openChannel();
  for (const attempt of [1, 2, 3]) say(channel, sender, { attempt, x: 'x' });
  for (const [name, circuit] of Object.entries({ a: 1, b: 7, c: 7 })) {
    say(channel, join(channel, name, 0, circuit), { y: 'y', hh_k: confirmation().hh_k });
  }
  join(channel, 'd', 0, 2);
  expect(() => join(channel, 'e', LIMITS.graceMs - 1, 3)).toThrow('channel-full');
  join(channel, 'e', LIMITS.graceMs, 3);
  expect(present(channel)).toBe('acde');
  expect(attempts(channel)).toEqual(['1 answered', '3 answered']);
  // Now that each circuit has one recipient, it is as if there were no circuits.
  join(channel, 'f', LIMITS.graceMs, 4);
  expect(present(channel)).toBe('acef');
  expect(() => join(channel, 'g', LIMITS.graceMs, 5)).toThrow('channel-full');
});

test('a recipient that waits for an attempt stays as long as it asks, and goes when it stops', () => {
  const channel = openChannel();
  const recipient = join(channel, 'r');
  say(channel, recipient, {}, 50);
  channel.advance(109);
  expect(channel.has(recipient)).toBe(true);
  channel.advance(110);
  expect(channel.has(recipient)).toBe(false);
});

test('asking does not prolong a joined attempt, answering does', () => {
  const channel = openChannel();
  for (const attempt of [1, 2]) say(channel, sender, { attempt, x: 'x' });
  const [silent, answering] = [join(channel, 'silent'), join(channel, 'answering')];
  say(channel, silent, {}, 59);
  say(channel, answering, { y: 'y', hh_k: confirmation().hh_k }, 59);
  channel.advance(60);
  expect(attempts(channel)).toEqual(['2 answered']);
});

test('an unconfirmed recipient cannot keep a channel alive, the sender and the confirmed one can', () => {
  const channel = openChannel();
  say(channel, sender, { attempt: 1, x: 'x' });
  const recipient = join(channel, 'r', 199);
  channel.advance(199);
  expect(channel.closed).toBe(false);
  say(channel, recipient, { y: 'y', hh_k: confirmation().hh_k }, 199);
  channel.advance(200);
  expect(channel.closed).toBe(true);

  const other = openChannel();
  say(other, sender, { attempt: 1, x: 'x' });
  confirm(other, 1, join(other, 'r'));
  say(other, idOf('r'), {}, 150);
  other.advance(349);
  expect(other.closed).toBe(false);
  other.advance(350);
  expect(other.closed).toBe(true);
});

test('neither idle time nor lifetime ends a channel through which bytes flow', () => {
  const channel = openChannel();
  say(channel, sender, { attempt: 1, x: 'x' });
  confirm(channel, 1, join(channel, 'r'));
  let now = 0;
  for (; now < 2 * LIMITS.lifetimeMs; now += LIMITS.idleMs - 1) {
    channel.advance(now);
    channel.flow(now);
  }
  expect(channel.closed).toBe(false);
  say(channel, sender, {}, now);
  channel.advance(now + LIMITS.idleMs - 1);
  expect(channel.closed).toBe(true);
});

test('a recipient may insist on a curve', () => {
  const channel = openChannel();
  expect(() => channel.join(idOf('r'), 'n1', 'p256', 0)).toThrow('wrong-curve');
  expect(channel.join(idOf('r'), 'n1', 'p384', 0)).toBe('r');
});

test('the sender and only the sender may repeat its join', () => {
  const channel = openChannel();
  expect(channel.rejoin('n', undefined, 0)).toBe(sender);
  expect(() => channel.rejoin('m', undefined, 0)).toThrow('channel-taken');
});

test('each side uses a stream number once', () => {
  const channel = openChannel();
  const recipient = join(channel, 'r');
  for (const id of [sender, recipient]) {
    channel.useStream(id, 0, 0);
    channel.useStream(id, 4095, 0);
    expect(() => channel.useStream(id, 0, 0)).toThrow('stream-used');
    expect(() => channel.useStream(id, 4096, 0)).toThrow('stream-used');
  }
});
