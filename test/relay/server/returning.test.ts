import { describe, expect, test } from 'vitest';
import { confirmation, nonce, share } from '../support/running-relay.js';
import { Clockwork, pairUp } from './clockwork.js';

/** As two who have met name a channel. */
const agreed = (one: number): string => one.toString(16).padStart(32, '0');

describe('while a relay drains', () => {
  test('nobody comes by a random name if no transfer runs', () => {
    const clockwork = new Clockwork();
    clockwork.open('a-b');
    clockwork.registry.drain();
    expect(() => clockwork.open(agreed(1))).toThrow('going-away');
  });

  test('nobody comes by a random name if all who run have their next channel', async () => {
    const clockwork = new Clockwork();
    await pairUp(clockwork.registry, clockwork.open('a-b'));
    clockwork.open(agreed(1));
    clockwork.registry.drain();
    expect(() => clockwork.open(agreed(2))).toThrow('going-away');
  });

  test('each transfer that had no next channel yet opens one, and the same again', async () => {
    const clockwork = new Clockwork();
    await pairUp(clockwork.registry, clockwork.open('a-b'));
    clockwork.registry.drain();
    const { channel, uuid } = clockwork.open(agreed(1));
    await clockwork.registry.request({ channel, uuid, close: true });
    clockwork.open(agreed(1));
    expect(() => clockwork.open(agreed(2))).toThrow('going-away');
  });

  test('two may meet again as often as they lose each other, in one channel after another', async () => {
    const clockwork = new Clockwork();
    const { registry } = clockwork;
    const first = await pairUp(registry, clockwork.open('a-b'));
    let next = clockwork.open(agreed(1));
    let before = { channel: 'a-b', uuid: first.own };
    registry.drain();
    for (const one of [2, 3, 4]) {
      const { own } = await pairUp(registry, next);
      // The sender may open the next one before the last has ended.
      const after = clockwork.open(agreed(one));
      await registry.request({ ...before, close: true });
      await registry.request({ channel: next.channel, uuid: next.uuid, close: true });
      expect(() => clockwork.open(agreed(one + 10))).toThrow('going-away');
      before = { channel: next.channel, uuid: own };
      next = after;
    }
    expect(registry.counts()).toMatchObject({ pairs: 1, pairsMade: 4 });
  });

  test('several who meet in one channel open no more than one after it', async () => {
    const clockwork = new Clockwork();
    const next = clockwork.open(agreed(1));
    clockwork.registry.drain();
    await pairUp(clockwork.registry, next);
    await pairUp(clockwork.registry, next, 2);
    clockwork.open(agreed(2));
    expect(() => clockwork.open(agreed(3))).toThrow('going-away');
  });

  test('a name that the relay itself has given is none that two have agreed on', async () => {
    const clockwork = new Clockwork();
    const { registry } = clockwork;
    const waiting = clockwork.open();
    await pairUp(registry, clockwork.open('a-b'));
    registry.drain();
    await expect(pairUp(registry, waiting)).rejects.toThrow('going-away');
    clockwork.open(agreed(1));
  });

  test('whoever comes back finds nobody, rather than a relay that is going away', () => {
    const { registry } = new Clockwork();
    registry.drain();
    const join = (channel: string): unknown =>
      registry.join({ role: 'recipient', nonce: nonce(), channel });
    expect(() => join(agreed(1))).toThrow('no-such-channel');
    expect(() => join('a-b')).toThrow('going-away');
  });
});

describe('while a relay drains that has another backend', () => {
  test('channels of words move, and those that two have agreed on stay, and that have no name', async () => {
    const clockwork = new Clockwork();
    const { registry } = clockwork;
    await pairUp(registry, clockwork.open('a-b'));
    clockwork.open(agreed(1));
    const unnamed = clockwork.open();
    registry.drain();
    registry.moveAway();
    expect(registry.isHere({ channel: 'a-b' })).toBe(false);
    expect(registry.isHere({ channel: agreed(1) })).toBe(true);
    expect(registry.isHere(unnamed)).toBe(true);
    expect(registry.counts()).toMatchObject({ pairs: 1 });
  });

  test.each([
    ['whose sender judges nobody', { y: share(), hh_k: confirmation().hh_k }],
    ['whose recipient says nothing', {}],
  ])('a channel %s moves after ten seconds', async (_, answer) => {
    const clockwork = new Clockwork();
    const { registry } = clockwork;
    const { channel, uuid } = clockwork.open('a-b');
    await registry.request({ channel, uuid, attempt: 1, x: share() });
    const { uuid: recipient } = registry.join({ role: 'recipient', nonce: nonce(), channel });
    await registry.request({ channel, uuid: recipient, ...answer });
    registry.drain();
    registry.moveAway();
    clockwork.pass(9_000);
    expect(registry.isHere({ channel })).toBe(true);
    clockwork.pass(1_000);
    expect(registry.isHere({ channel })).toBe(false);
  });
});
