import { expect, test } from 'vitest';
import type { Channel } from '../../../src/relay/channel/channel.js';
import type { ParticipantId } from '../../../src/relay-protocol/wire.js';
import { confirmation } from '../support/running-relay.js';
import { idOf, LIMITS } from './channel-world.js';
import { attempts, confirm, join, openChannel, say, sender } from './open-channel.js';

test('attempts are joined in the order in which they were posted', () => {
  const channel = openChannel();
  say(channel, sender, { attempt: 7, x: 'x7' });
  say(channel, sender, { attempt: 3, x: 'x3' });
  join(channel, 'first');
  expect(channel.state(idOf('first'))).toMatchObject({ revision: 0, attempt: 7, x: 'x7' });
  expect(attempts(channel)).toEqual(['7 joined', '3 posted']);
});

test('one of the recipients that wait gets the next attempt', () => {
  const channel = openChannel();
  const [first, second] = [join(channel, 'first'), join(channel, 'second')];
  expect(channel.state(first)).toEqual({
    role: 'recipient',
    revision: 0,
    phase: 'waiting',
    stapled: false,
  });
  say(channel, sender, { attempt: 1, x: 'x' });
  const states = [channel.state(first), channel.state(second)];
  expect(states).toContainEqual(
    expect.objectContaining({ revision: 1, phase: 'joined', attempt: 1 }),
  );
  expect(states).toContainEqual(expect.objectContaining({ revision: 0, phase: 'waiting' }));
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
  expect(channel.pairs).toEqual([]);
  say(channel, sender, { attempt: 2, x: 'x' });
  confirm(channel, 2, join(channel, 'next'));
  expect(channel.pairs).toMatchObject([{ recipient: 'next' }]);
});

test('a busy sender lets nobody in, and those that wait hear that and nothing else', () => {
  const channel = openChannel();
  for (const attempt of [1, 2, 3]) say(channel, sender, { attempt, x: 'x' });
  const [one, answered, joined] = ['one', 'answered', 'joined'].map((name) => join(channel, name));
  const waiting = join(channel, 'waiting');
  const { h_k, hh_k } = confirmation();
  say(channel, idOf('one'), { y: 'y', hh_k });
  say(channel, idOf('answered'), { y: 'y', hh_k: confirmation().hh_k });
  say(channel, sender, { attempt: 1, h_k, busy: true });
  for (const id of [answered, joined, waiting]) {
    expect(() => channel.state(id ?? sender)).toThrow('channel-full');
    expect(channel.endingOf(id ?? sender)).toBe('channel-full');
  }
  expect(() => say(channel, idOf('joined'), { y: 'y', hh_k })).toThrow('channel-full');
  expect(() => join(channel, 'late')).toThrow('channel-full');
  expect(attempts(channel)).toEqual(['1 confirmed']);
  expect(channel.pairs[0]?.has(one ?? sender)).toBe(true);
  // The same request again changes nothing.
  say(channel, sender, { attempt: 1, h_k, busy: true });
  say(channel, sender, { attempt: 4, x: 'x' });
  expect(attempts(channel)).toEqual(['1 confirmed', '4 posted']);
  say(channel, sender, { busy: false });
  join(channel, 'late');
  expect(attempts(channel)).toEqual(['1 confirmed', '4 joined']);
  expect(() => channel.state(waiting)).toThrow('channel-full');
});

test('a sender that leaves as it is busy leaves that word behind', () => {
  const channel = openChannel();
  const recipient = join(channel, 'r');
  say(channel, sender, { close: true, busy: true });
  expect(channel.closed).toBe(true);
  expect(channel.endingOf(recipient)).toBe('channel-full');
});

test('only the sender is busy, and not of a pair', () => {
  const channel = openChannel();
  say(channel, sender, { attempt: 1, x: 'x' });
  const recipient = join(channel, 'r');
  expect(() => say(channel, recipient, { busy: true })).toThrow('not-yours');
  confirm(channel, 1, recipient);
  for (const uuid of [recipient, idOf('pair-1')]) {
    const write = { channel: 'a-b', uuid, busy: true };
    expect(() => channel.pairs[0]?.request(write, 0)).toThrow('not-yours');
  }
});

test('whether an answer was wrong cannot be told from its end', () => {
  const endings: ((channel: Channel, recipient: ParticipantId) => void)[] = [
    (channel) => say(channel, sender, { attempt: 1, close: true }),
    (channel, recipient) => say(channel, recipient, { close: true }),
    (channel) => {
      expect(() => say(channel, sender, { attempt: 1, h_k: confirmation().h_k })).toThrow();
    },
  ];
  for (const ending of endings) {
    const channel = openChannel();
    say(channel, sender, { attempt: 1, x: 'x' });
    const recipient = join(channel, 'r');
    say(channel, recipient, { y: 'y', hh_k: confirmation().hh_k });
    ending(channel, recipient);
    expect(() => say(channel, recipient, {})).toThrow('attempt-ended');
    expect(() => say(channel, idOf('never was'), {})).toThrow('attempt-ended');
  }
});

test('whom the relay lets go unjudged is told so, whatever it has answered', () => {
  const endings: ((channel: Channel) => void)[] = [
    (channel) => channel.advance(LIMITS.silentMs),
    (channel) => {
      for (const name of ['a', 'b', 'c', 'd']) join(channel, name, LIMITS.graceMs);
    },
  ];
  for (const ending of endings) {
    const channel = openChannel();
    say(channel, sender, { attempt: 1, x: 'x' });
    const recipient = join(channel, 'r');
    ending(channel);
    const answer = { y: 'y', hh_k: confirmation().hh_k };
    expect(() => say(channel, recipient, answer)).toThrow('too-many');
  }
});

test('when the channel is full only a silent attempt past its grace gives way, the oldest first', () => {
  const channel = openChannel();
  for (const attempt of [1, 2, 3]) say(channel, sender, { attempt, x: 'x' });
  for (const name of ['a', 'b', 'c', 'd']) join(channel, name);
  say(channel, idOf('a'), { y: 'y', hh_k: confirmation().hh_k });
  expect(() => join(channel, 'e', LIMITS.graceMs - 1)).toThrow('too-many');
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
  expect(() => say(channel, idOf('a'), {})).toThrow('too-many');
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
  expect(() => join(channel, 'e', LIMITS.graceMs - 1, 3)).toThrow('too-many');
  join(channel, 'e', LIMITS.graceMs, 3);
  expect(present(channel)).toBe('acde');
  expect(attempts(channel)).toEqual(['1 answered', '3 answered']);
  // Now that each circuit has one recipient, it is as if there were no circuits.
  join(channel, 'f', LIMITS.graceMs, 4);
  expect(present(channel)).toBe('acef');
  expect(() => join(channel, 'g', LIMITS.graceMs, 5)).toThrow('too-many');
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

test('a recipient cannot keep a channel alive, the sender can', () => {
  const channel = openChannel();
  say(channel, sender, { attempt: 1, x: 'x' }, 100);
  const recipient = join(channel, 'r', 299);
  channel.advance(299);
  expect(channel.closed).toBe(false);
  say(channel, recipient, { y: 'y', hh_k: confirmation().hh_k }, 299);
  channel.advance(300);
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
