import { expect, test } from 'vitest';
import type { ParticipantId, SenderState } from '../../../src/relay-protocol/wire.js';
import { confirmation } from '../support/running-relay.js';
import { idOf, LIMITS, type Write } from './channel-world.js';
import { attempts, confirm, join, openChannel, say, sender } from './open-channel.js';

test('a confirmation makes a pair and changes nothing for the others', () => {
  const channel = openChannel();
  for (const attempt of [1, 2, 3]) say(channel, sender, { attempt, x: `x${attempt}` });
  const [one, two] = [join(channel, 'one'), join(channel, 'two')];
  const before = channel.state(two);
  confirm(channel, 1, one);
  expect(channel.state(two)).toEqual(before);
  expect(attempts(channel)).toEqual(['1 confirmed', '2 joined', '3 posted']);
  expect(channel.has(one)).toBe(false);
  const [pair] = channel.pairs;
  expect(pair?.state(one)).toMatchObject({ revision: 1, phase: 'confirmed', attempt: 1, x: 'x1' });
  expect(pair?.state(idOf('pair-1'))).toEqual({
    role: 'sender',
    revision: 0,
    attempts: [{ attempt: 1, phase: 'confirmed', participant: 'pair-1' }],
    stapled: false,
  });
  join(channel, 'late');
  confirm(channel, 3, idOf('late'));
  expect(attempts(channel)).toEqual(['1 confirmed', '2 joined', '3 confirmed']);
  expect(channel.pairs.map(({ recipient }) => recipient)).toEqual(['one', 'late']);
});

test('the end of a channel is not that of its pairs, nor the other way round', () => {
  const channel = openChannel();
  for (const attempt of [1, 2]) say(channel, sender, { attempt, x: 'x' });
  for (const [attempt, name] of [[1, 'one'] as const, [2, 'two'] as const]) {
    confirm(channel, attempt, join(channel, name));
  }
  const [one, two] = channel.pairs;
  one?.request({ channel: 'a-b', uuid: idOf('one'), close: true }, 0);
  channel.advance(0);
  expect(attempts(channel)).toEqual(['2 confirmed']);
  expect((channel.state(sender) as SenderState).revision).toBe(5);
  say(channel, sender, { close: true });
  expect([one?.closed, two?.closed, channel.closed]).toEqual([true, false, true]);
  expect(two?.state(idOf('two'))).toMatchObject({ phase: 'confirmed' });
});

test('the sender ends a pair by its attempt too', () => {
  const channel = openChannel();
  say(channel, sender, { attempt: 1, x: 'x' });
  confirm(channel, 1, join(channel, 'r'));
  const [pair] = channel.pairs;
  say(channel, sender, { attempt: 1, close: true });
  expect(pair?.closed).toBe(true);
  expect(attempts(channel)).toEqual([]);
  expect(() => say(channel, sender, { attempt: 1, close: true })).toThrow('attempt-ended');
});

test('there are no more pairs than allowed, and one that has ended makes room', () => {
  const channel = openChannel();
  for (const attempt of [1, 2, 3]) say(channel, sender, { attempt, x: 'x' });
  const { h_k, hh_k } = confirmation();
  for (const name of ['a', 'b', 'c']) say(channel, join(channel, name), { y: 'y', hh_k });
  for (const attempt of [1, 2]) say(channel, sender, { attempt, h_k });
  expect(() => say(channel, sender, { attempt: 3, h_k })).toThrow('too-many');
  expect(attempts(channel)).toEqual(['1 confirmed', '2 confirmed', '3 answered']);
  say(channel, sender, { attempt: 1, close: true });
  say(channel, sender, { attempt: 3, h_k });
  expect(attempts(channel)).toEqual(['2 confirmed', '3 confirmed']);
});

test('either side keeps a pair alive, and no channel', () => {
  const channel = openChannel();
  say(channel, sender, { attempt: 1, x: 'x' });
  confirm(channel, 1, join(channel, 'r'));
  const [pair] = channel.pairs;
  pair?.request({ channel: 'a-b', uuid: idOf('r') }, 150);
  pair?.request({ channel: 'a-b', uuid: idOf('pair-1') }, 300);
  channel.advance(300);
  expect(channel.closed).toBe(true);
  pair?.advance(499);
  expect(pair?.closed).toBe(false);
  pair?.advance(500);
  expect(pair?.closed).toBe(true);
});

test('neither idle time nor lifetime ends a pair through which bytes flow', () => {
  const channel = openChannel();
  say(channel, sender, { attempt: 1, x: 'x' });
  confirm(channel, 1, join(channel, 'r'));
  const [pair] = channel.pairs;
  let now = 0;
  for (; now < 2 * LIMITS.lifetimeMs; now += LIMITS.idleMs - 1) {
    pair?.advance(now);
    pair?.flow(now);
  }
  expect(pair?.closed).toBe(false);
  pair?.request({ channel: 'a-b', uuid: idOf('r') }, now);
  pair?.advance(now + LIMITS.idleMs - 1);
  expect(pair?.closed).toBe(true);
});

test('each side uses a stream number once, the recipient also before it is confirmed', () => {
  const channel = openChannel();
  say(channel, sender, { attempt: 1, x: 'x' });
  const recipient = join(channel, 'r');
  channel.useStream(recipient, 7, 0);
  expect(() => channel.useStream(recipient, 7, 0)).toThrow('stream-used');
  expect(() => channel.useStream(sender, 0, 0)).toThrow('not-yours');
  confirm(channel, 1, recipient);
  const [pair] = channel.pairs;
  expect(() => pair?.useStream(recipient, 7, 0)).toThrow('stream-used');
  for (const id of [idOf('pair-1'), recipient]) {
    pair?.useStream(id, 0, 0);
    pair?.useStream(id, 4095, 0);
    expect(() => pair?.useStream(id, 0, 0)).toThrow('stream-used');
    expect(() => pair?.useStream(id, 4096, 0)).toThrow('stream-used');
  }
  expect(() => pair?.useStream(idOf('other'), 1, 0)).toThrow('attempt-ended');
});

test('in a pair only the answer may be repeated, and either side may end it', () => {
  const channel = openChannel();
  say(channel, sender, { attempt: 1, x: 'x' });
  const recipient = join(channel, 'r');
  const { h_k, hh_k } = confirmation();
  say(channel, recipient, { y: 'y', hh_k });
  say(channel, sender, { attempt: 1, h_k });
  const [pair] = channel.pairs;
  const post = (uuid: ParticipantId, write: Write): unknown =>
    pair?.request({ channel: 'a-b', uuid, ...write }, 0);
  expect(post(recipient, { attempt: 1, y: 'y', hh_k })).toMatchObject({ h_k });
  expect(() => post(recipient, { attempt: 1, y: 'z', hh_k })).toThrow('already-written');
  expect(() => post(recipient, { attempt: 2 })).toThrow('bad-request');
  expect(() => post(recipient, { attempt: 1, h_k })).toThrow('not-yours');
  expect(() => post(idOf('pair-1'), { attempt: 1, y: 'y', hh_k })).toThrow('not-yours');
  expect(() => post(idOf('pair-1'), { attempt: 1, x: 'x' })).toThrow('not-yours');
  expect(() => post(sender, {})).toThrow('attempt-ended');
  expect(post(idOf('pair-1'), { close: true })).toMatchObject({ role: 'sender', attempts: [] });
  expect(() => post(recipient, {})).toThrow('no-such-channel');
});
