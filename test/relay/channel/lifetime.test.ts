import { expect, test } from 'vitest';
import { Lifetime } from '../../../src/relay/channel/lifetime.js';

const LIMITS = { idleMs: 100, senderGoneMs: 30, lifetimeMs: 1000 };

/** One that began at 7 and is touched all the time. */
function touched(until: number, limits: typeof LIMITS = LIMITS): Lifetime {
  const lifetime = new Lifetime(limits, 7);
  for (let now = 7; now <= until; now += 50) lifetime.touch(now);
  lifetime.touch(until);
  return lifetime;
}

test('what is silent ends after its idle time', () => {
  const lifetime = new Lifetime(LIMITS, 7);
  expect([lifetime.isOver(106), lifetime.isOver(107)]).toEqual([false, true]);
  lifetime.touch(50);
  expect([lifetime.isOver(149), lifetime.isOver(150)]).toEqual([false, true]);
});

test('what nobody holds a connection of ends sooner, unless somebody comes back', () => {
  const lifetime = new Lifetime(LIMITS, 7);
  lifetime.noteConnection(false, 20);
  lifetime.noteConnection(false, 40);
  expect([lifetime.isOver(49), lifetime.isOver(50)]).toEqual([false, true]);
  lifetime.noteConnection(true, 49);
  expect(lifetime.isOver(60)).toBe(false);
  lifetime.noteConnection(false, 60);
  expect([lifetime.isOver(89), lifetime.isOver(90)]).toEqual([false, true]);
});

test('what is old ends however busy it is, but not while bytes flow', () => {
  expect([touched(1006).isOver(1006), touched(1007).isOver(1007)]).toEqual([false, true]);
  const flowing = touched(1000);
  flowing.flow(1000);
  flowing.touch(1090);
  expect([flowing.isOver(1099), flowing.isOver(1100)]).toEqual([false, true]);
});

test('bytes flow for a minute after the last of them', () => {
  const lifetime = new Lifetime(LIMITS, 7);
  expect(lifetime.isFlowing(7)).toBe(false);
  lifetime.flow(20);
  expect([lifetime.isFlowing(60_019), lifetime.isFlowing(60_020)]).toEqual([true, false]);
});
