import { expect, test } from 'vitest';
import type { Channel } from '../../../src/relay/channel/channel.js';
import type { ParticipantId, SenderState } from '../../../src/relay-protocol/wire.js';
import { confirmation } from '../support/running-relay.js';
import { idOf, LIMITS } from './channel-world.js';
import { attempts, join, openChannel, say, sender } from './open-channel.js';

/** Joins through a circuit and answers. */
function guess(channel: Channel, name: string, circuit: number): ParticipantId {
  const id = join(channel, name, 0, circuit);
  say(channel, id, { y: `y of ${name}`, hh_k: confirmation().hh_k });
  return id;
}

/** Of the answers that the sender sees, whose they are */
function shown(channel: Channel): string[] {
  const state = channel.state(sender) as SenderState;
  return state.attempts.flatMap(({ y }) => y?.replace('y of ', '') ?? []);
}

test('the sender sees a few answers at a time; the next one is drawn when it has judged one', () => {
  const channel = openChannel();
  for (const attempt of [1, 2, 3]) say(channel, sender, { attempt, x: 'x' });
  for (const name of ['a', 'b', 'c']) guess(channel, name, name.charCodeAt(0));
  expect(shown(channel)).toEqual(['a', 'b']);
  expect(attempts(channel)).toEqual(['1 answered', '2 answered', '3 joined']);
  say(channel, sender, { attempt: 2, close: true });
  expect(shown(channel)).toEqual(['a', 'c']);
});

test('an answer through a circuit that has spent nothing goes before those of circuits that have', () => {
  const channel = openChannel();
  for (let attempt = 1; attempt <= 6; attempt += 2) {
    for (const [n, circuit] of [1, 2].entries()) {
      say(channel, sender, { attempt: attempt + n, x: 'x' });
      guess(channel, `wrong-${attempt}-${circuit}`, circuit);
      if (attempt < 5) say(channel, sender, { attempt: attempt + n, close: true });
    }
  }
  expect(shown(channel)).toEqual(['wrong-5-1', 'wrong-5-2']);
  say(channel, sender, { attempt: 7, x: 'x' });
  guess(channel, 'newcomer', 3);
  expect(shown(channel)).toContain('newcomer');
});

test('who waits for an attempt is drawn by circuit, those that have spent nothing first', () => {
  const channel = openChannel();
  say(channel, sender, { attempt: 1, x: 'x' });
  guess(channel, 'flood', 1);
  say(channel, sender, { attempt: 1, close: true });
  for (const [name, circuit] of Object.entries({ a: 1, b: 1, c: 2 }))
    join(channel, name, 0, circuit);
  say(channel, sender, { attempt: 2, x: 'x' });
  expect(channel.state(idOf('c'))).toMatchObject({ phase: 'joined', attempt: 2 });
  expect(channel.state(idOf('a'))).toMatchObject({ phase: 'waiting' });
});

test('an answer without a connection is not shown, and ends when it does not come back', () => {
  const here = new Set<ParticipantId>();
  const channel = openChannel([], (id) => here.has(id));
  say(channel, sender, { attempt: 1, x: 'x' });
  here.add(idOf('gone'));
  const id = guess(channel, 'gone', 1);
  here.delete(id);
  for (const [n, name] of ['a', 'b'].entries()) {
    say(channel, sender, { attempt: 2 + n, x: 'x' });
    here.add(idOf(name));
    guess(channel, name, 2 + n);
  }
  expect(shown(channel)).toEqual(['a', 'b']);
  channel.advance(0);
  channel.advance(LIMITS.goneMs);
  expect(channel.has(id)).toBe(false);
});

test('whoever waits is told that the sender is busy, also when hundreds do', () => {
  const channel = openChannel();
  for (const name of ['a', 'b', 'c', 'd']) join(channel, name);
  say(channel, sender, { busy: true });
  for (const name of ['a', 'b', 'c', 'd']) {
    expect(() => channel.state(idOf(name))).toThrow('channel-full');
  }
});
