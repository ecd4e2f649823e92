import { expect, test } from 'vitest';
import type { ParticipantId, SenderState } from '../../../src/relay-protocol/wire.js';
import { confirmation } from '../support/running-relay.js';
import { idOf, LIMITS } from './channel-world.js';
import { attempts, confirm, join, openChannel, say, sender } from './open-channel.js';

test('a join that is repeated is that of the same recipient, which is seen by it', () => {
  const channel = openChannel();
  const recipient = join(channel, 'r');
  expect(channel.join(idOf('other'), 'nonce of r', undefined, 50)).toBe(recipient);
  expect(channel.join(idOf('other'), 'nonce of other', undefined, 50)).toBe('other');
  channel.advance(50 + LIMITS.silentMs - 1);
  expect(channel.has(recipient)).toBe(true);
});

test('no more attempts are posted than allowed, and one that is joined makes room', () => {
  const channel = openChannel();
  for (const attempt of [1, 2, 3]) say(channel, sender, { attempt, x: 'x' });
  expect(() => say(channel, sender, { attempt: 4, x: 'x' })).toThrow('too-many');
  join(channel, 'r');
  say(channel, sender, { attempt: 4, x: 'x' });
  expect(() => say(channel, sender, { attempt: 5, x: 'x' })).toThrow('too-many');
});

test('a sender names the attempt that it writes', () => {
  const channel = openChannel();
  const { h_k } = confirmation();
  for (const write of [{ x: 'x' }, { h_k }]) {
    expect(() => say(channel, sender, write)).toThrow('bad-request');
  }
});

test('an attempt that is only named does not end', () => {
  const channel = openChannel();
  say(channel, sender, { attempt: 1, x: 'x' });
  say(channel, sender, { attempt: 1 });
  expect(attempts(channel)).toEqual(['1 posted']);
});

test('a sender stays busy until it says otherwise, and may say so early', () => {
  const channel = openChannel();
  const waiting = join(channel, 'waiting');
  say(channel, sender, { busy: false });
  expect(channel.has(waiting)).toBe(true);
  say(channel, sender, { busy: true });
  say(channel, sender, {});
  expect(() => join(channel, 'late')).toThrow('channel-full');
});

test('a recipient names no attempt but its own, and answers none before it has one', () => {
  const channel = openChannel();
  const recipient = join(channel, 'r');
  const answer = { y: 'y', hh_k: confirmation().hh_k };
  expect(() => say(channel, recipient, { attempt: 1 })).toThrow('bad-request');
  expect(() => say(channel, recipient, answer)).toThrow('bad-request');
  say(channel, sender, { attempt: 1, x: 'x' });
  expect(say(channel, recipient, { attempt: 1, ...answer })).toMatchObject({ phase: 'answered' });
});

test('half an answer is none, in a channel and in a pair', () => {
  const channel = openChannel();
  const { hh_k } = confirmation();
  say(channel, sender, { attempt: 1, x: 'x' });
  const recipient = join(channel, 'r');
  for (const half of [{ y: 'y' }, { hh_k }]) {
    expect(say(channel, recipient, half)).toMatchObject({ phase: 'joined' });
  }
  confirm(channel, 1, recipient);
  const [pair] = channel.pairs;
  for (const half of [{ y: 'z' }, { hh_k }]) {
    const request = { channel: 'a-b', uuid: recipient, ...half };
    expect(pair?.request(request, 0)).toMatchObject({ phase: 'confirmed' });
  }
});

test('nothing confirms an attempt without an answer, nor what is no hash', () => {
  const channel = openChannel();
  const { h_k, hh_k } = confirmation();
  for (const attempt of [1, 2, 3]) say(channel, sender, { attempt, x: 'x' });
  const [one, two] = ['one', 'two'].map((name) => join(channel, name));
  expect(() => say(channel, sender, { attempt: 1, h_k })).toThrow('bad-request');
  say(channel, one ?? sender, { y: 'y', hh_k });
  say(channel, two ?? sender, { y: 'y', hh_k: '!' });
  expect(() => say(channel, sender, { attempt: 1, h_k: '!' })).toThrow('attempt-ended');
  expect(() => say(channel, sender, { attempt: 2, h_k })).toThrow('attempt-ended');
  expect(channel.pairs).toEqual([]);
});

test('only an answer that the sender refuses counts as a wrong password', () => {
  let wrong = 0;
  const channel = openChannel([], undefined, {
    onWrongAnswer: () => {
      wrong++;
    },
  });
  for (const attempt of [1, 2]) say(channel, sender, { attempt, x: 'x' });
  join(channel, 'joined');
  say(channel, sender, { attempt: 1, close: true });
  expect(wrong).toBe(0);
  say(channel, join(channel, 'answered'), { y: 'y', hh_k: confirmation().hh_k });
  say(channel, sender, { attempt: 2, close: true });
  expect(wrong).toBe(1);
});

test('the sender sees by its revision that a recipient has left', () => {
  const channel = openChannel();
  say(channel, sender, { attempt: 1, x: 'x' });
  const recipient = join(channel, 'r');
  const revision = (): number => (channel.state(sender) as SenderState).revision;
  const before = revision();
  say(channel, recipient, { close: true });
  expect(revision()).toBe(before + 1);
  expect(attempts(channel)).toEqual([]);
});

test('as many recipients have an attempt as may, and one past its grace gives it back', () => {
  const channel = openChannel([], undefined, { limits: { joinedAttempts: 1 } });
  for (const attempt of [1, 2]) say(channel, sender, { attempt, x: 'x' });
  join(channel, 'a', 0, 1);
  const b = join(channel, 'b', 0, 2);
  channel.advance(LIMITS.graceMs - 1);
  expect(attempts(channel)).toEqual(['1 joined', '2 posted']);
  channel.advance(LIMITS.graceMs);
  expect(attempts(channel)).toEqual(['2 joined']);
  expect(channel.state(b)).toMatchObject({ phase: 'joined', attempt: 2 });
  expect(channel.endingOf(idOf('a'))).toBe('too-many');
});

test('a silent one through a circuit that has spent more gives its attempt back at once', () => {
  const channel = openChannel([], undefined, { limits: { joinedAttempts: 1 } });
  for (const attempt of [1, 2, 3]) say(channel, sender, { attempt, x: 'x' });
  say(channel, join(channel, 'before', 0, 1), { close: true });
  join(channel, 'silent', 0, 1);
  join(channel, 'same', 0, 1);
  expect(attempts(channel)).toEqual(['2 joined', '3 posted']);
  join(channel, 'newcomer', 0, 2);
  expect(attempts(channel)).toEqual(['3 joined']);
  expect(channel.state(idOf('newcomer'))).toMatchObject({ phase: 'joined', attempt: 3 });
});

test('to leave without an attempt spends none', () => {
  const channel = openChannel([], undefined, { limits: { joinedAttempts: 1 } });
  say(channel, join(channel, 'before', 0, 1), { close: true });
  for (const attempt of [1, 2]) say(channel, sender, { attempt, x: 'x' });
  join(channel, 'silent', 0, 1);
  join(channel, 'newcomer', 0, 2);
  expect(attempts(channel)).toEqual(['1 joined', '2 posted']);
});

test('one that has answered keeps its attempt, whatever its circuit has spent', () => {
  const channel = openChannel([], undefined, { limits: { joinedAttempts: 1 } });
  for (const attempt of [1, 2, 3]) say(channel, sender, { attempt, x: 'x' });
  say(channel, join(channel, 'before', 0, 1), { close: true });
  say(channel, join(channel, 'answered', 0, 1), { y: 'y', hh_k: confirmation().hh_k });
  join(channel, 'newcomer', 0, 2);
  expect(attempts(channel)).toEqual(['2 answered', '3 posted']);
});

test('who has no connection is given no attempt, and is not judged, until it is back', () => {
  const here = new Set<ParticipantId>([sender]);
  const channel = openChannel([], (id) => here.has(id));
  say(channel, sender, { attempt: 1, x: 'x' });
  const recipient = join(channel, 'r');
  expect(attempts(channel)).toEqual(['1 posted']);
  here.add(recipient);
  channel.advance(0);
  expect(attempts(channel)).toEqual(['1 joined']);
  here.delete(recipient);
  say(channel, recipient, { y: 'y', hh_k: confirmation().hh_k });
  expect(attempts(channel)).toEqual(['1 joined']);
  here.add(recipient);
  channel.advance(0);
  expect(attempts(channel)).toEqual(['1 answered']);
});

test('a recipient goes when it was without a connection for too long at a stretch', () => {
  const here = new Set<ParticipantId>([sender]);
  const channel = openChannel([], (id) => here.has(id));
  const recipient = join(channel, 'r', 5);
  channel.advance(7);
  channel.advance(7 + LIMITS.goneMs - 1);
  expect(channel.has(recipient)).toBe(true);
  here.add(recipient);
  channel.advance(7 + LIMITS.goneMs);
  here.delete(recipient);
  channel.advance(30);
  channel.advance(30 + LIMITS.goneMs - 1);
  expect(channel.has(recipient)).toBe(true);
  channel.advance(30 + LIMITS.goneMs);
  expect(channel.has(recipient)).toBe(false);
});

test('of a full channel one without a connection goes before an older silent one', () => {
  const here = new Set<ParticipantId>([sender, ...['a', 'c', 'd', 'e'].map(idOf)]);
  const channel = openChannel([], (id) => here.has(id));
  for (const name of ['a', 'b', 'c', 'd']) join(channel, name);
  join(channel, 'e', LIMITS.graceMs);
  expect(['a', 'b', 'c', 'd', 'e'].filter((name) => channel.has(idOf(name)))).toEqual([
    ...['a', 'c', 'd', 'e'],
  ]);
});

test('recipients of unknown circuits are no crowd', () => {
  const channel = openChannel();
  join(channel, 'a');
  for (const name of ['b', 'c']) join(channel, name, 0, 1);
  join(channel, 'd', 0, 2);
  join(channel, 'e', LIMITS.graceMs, 3);
  expect(['a', 'b', 'c', 'd', 'e'].filter((name) => channel.has(idOf(name)))).toEqual([
    ...['a', 'c', 'd', 'e'],
  ]);
});
