import { expect, test } from 'vitest';
import { Channel } from '../../../src/relay/channel/channel.js';
import { confirmation } from '../support/running-relay.js';
import { idOf, LIMITS } from './channel-world.js';
import { confirm, join, openChannel, say, sender } from './open-channel.js';

/*
 * What each participant is told, to the last field: replies go out as they are.
 */

test('the sender sees each attempt as far as it has come', () => {
  const channel = openChannel();
  const { h_k, hh_k } = confirmation();
  for (const attempt of [1, 2, 3]) say(channel, sender, { attempt, x: 'x' });
  for (const name of ['one', 'two']) say(channel, join(channel, name), { y: name, hh_k });
  say(channel, sender, { attempt: 1, h_k });
  expect(channel.state(sender)).toStrictEqual({
    role: 'sender',
    revision: 4,
    attempts: [
      { attempt: 1, phase: 'confirmed', participant: 'pair-1' },
      { attempt: 2, phase: 'answered', y: 'two', hh_k },
      { attempt: 3, phase: 'posted' },
    ],
    stapled: false,
  });
});

test('a recipient sees its attempt, and what confirms it once that is there', () => {
  const channel = openChannel();
  const { h_k, hh_k } = confirmation();
  say(channel, sender, { attempt: 1, x: 'x' });
  const recipient = join(channel, 'r');
  const seen = { role: 'recipient', attempt: 1, x: 'x', stapled: false } as const;
  expect(channel.state(recipient)).toStrictEqual({ ...seen, revision: 0, phase: 'joined' });
  say(channel, recipient, { attempt: 1, y: 'y', hh_k });
  expect(channel.state(recipient)).toStrictEqual({ ...seen, revision: 0, phase: 'answered' });
  say(channel, sender, { attempt: 1, h_k });
  const [pair] = channel.pairs;
  const confirmed = { ...seen, revision: 1, phase: 'confirmed', h_k };
  expect(pair?.state(recipient)).toStrictEqual(confirmed);
  pair?.staple();
  pair?.staple();
  expect(pair?.state(recipient)).toStrictEqual({ ...confirmed, revision: 2, stapled: true });
  expect(pair?.state(idOf('pair-1'))).toMatchObject({ revision: 1, stapled: true });
});

test('whoever leaves sees the end', () => {
  const channel = openChannel();
  for (const attempt of [1, 2]) say(channel, sender, { attempt, x: 'x' });
  for (const [attempt, name] of [[1, 'one'] as const, [2, 'two'] as const]) {
    confirm(channel, attempt, join(channel, name));
  }
  const [one, two] = channel.pairs;
  one?.staple();
  const ended = { role: 'recipient', phase: 'ended' } as const;
  const close = { channel: 'a-b', close: true } as const;
  expect(one?.request({ ...close, uuid: idOf('one') }, 0)).toStrictEqual({
    ...{ ...ended, revision: 2, stapled: true },
  });
  expect(two?.request({ ...close, uuid: idOf('pair-2') }, 0)).toStrictEqual({
    ...{ role: 'sender', revision: 0, attempts: [], stapled: false },
  });
  const waiting = join(channel, 'waiting');
  expect(say(channel, waiting, { close: true })).toStrictEqual({
    ...{ ...ended, revision: 0, stapled: false },
  });
  expect(say(channel, sender, { close: true })).toStrictEqual({
    ...{ role: 'sender', revision: 5, attempts: [], stapled: false },
  });
});

test('a channel and its pairs know their own, and what those are told who are gone', () => {
  const channel = openChannel();
  say(channel, sender, { attempt: 1, x: 'x' });
  const recipient = join(channel, 'r', 0, 7);
  expect([channel.has(sender), channel.has(recipient), channel.has(idOf('x'))]).toEqual([
    ...[true, true, false],
  ]);
  confirm(channel, 1, recipient);
  const [pair] = channel.pairs;
  expect([pair?.other(recipient), pair?.other(idOf('pair-1'))]).toEqual(['pair-1', 'r']);
  expect(pair?.endingOf()).toBe('channel-closed');
  for (const name of ['a', 'b', 'c']) join(channel, name, 0, 7);
  expect(['a', 'b', 'x'].map((name) => channel.knows(idOf(name)))).toEqual([true, true, false]);
  expect(channel.endingOf(idOf('a'))).toBe('too-many');
  expect(channel.endingOf(idOf('x'))).toBe('attempt-ended');
  channel.close();
  pair?.close();
  expect([channel.closed, pair?.closed]).toEqual([true, true]);
  expect([channel.has(sender), pair?.has(recipient)]).toEqual([false, false]);
  expect(channel.endingOf(idOf('x'))).toBe('channel-closed');
  for (const act of [
    () => channel.state(sender),
    () => say(channel, sender, {}),
    () => join(channel, 'late'),
    () => channel.rejoin('n', undefined, 0),
    () => pair?.state(recipient),
  ]) {
    expect(act).toThrow('no-such-channel');
  }
});

test('whom the relay has let go is remembered, as many as there are places', () => {
  const channel = openChannel();
  for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) join(channel, name, 0, 7);
  expect(['a', 'b', 'e'].map((name) => channel.endingOf(idOf(name)))).toEqual([
    ...['attempt-ended', 'too-many', 'too-many'],
  ]);
});

test('a pair knows which streams each side has used, and whether bytes flow', () => {
  const channel = openChannel();
  say(channel, sender, { attempt: 1, x: 'x' });
  const recipient = join(channel, 'r');
  confirm(channel, 1, recipient);
  const [pair] = channel.pairs;
  pair?.useStream(recipient, 3, 0);
  pair?.useStream(idOf('pair-1'), 4, 0);
  const used = (stream: number): unknown[] =>
    [recipient, idOf('pair-1')].map((id) => pair?.hasUsedStream(id, stream));
  expect([used(3), used(4)]).toEqual([
    [true, false],
    [false, true],
  ]);
  expect(pair?.isFlowing(0)).toBe(false);
  pair?.flow(0);
  expect(pair?.isFlowing(0)).toBe(true);
});

test('time has to be looked at while somebody is in a channel, and at its end', () => {
  const channel = openChannel();
  expect(channel.isDue(LIMITS.senderIdleMs - 1)).toBe(false);
  expect(channel.isDue(LIMITS.senderIdleMs)).toBe(true);
  join(channel, 'r');
  expect(channel.isDue(0)).toBe(true);
});

test('a channel that nobody listens to makes pairs as well', () => {
  const of = { name: 'a-b', curve: 'p256', sender, nonce: 'n', limits: LIMITS } as const;
  const channel = new Channel({ ...of, newId: () => idOf('own') }, 0);
  say(channel, sender, { attempt: 1, x: 'x' });
  confirm(channel, 1, join(channel, 'r'));
  expect(channel.pairs).toMatchObject([{ sender: 'own', recipient: 'r' }]);
});
