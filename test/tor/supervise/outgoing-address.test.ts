import { describe, expect, test } from 'vitest';
import {
  MoveWatch,
  type Outgoing,
  outgoingNow,
} from '../../../src/tor/supervise/outgoing-address.js';

/** Addresses that a machine has besides, such as of a bridge to its containers. */
function at(v4?: string, v6?: string, ...others: string[]): Outgoing {
  return { v4, v6, all: new Set([v4, v6, ...others].filter((one) => one !== undefined)) };
}

describe('a machine has moved', () => {
  test.each([
    ['when its connections come from another address', [at('10.0.0.2'), at('10.0.0.3')]],
    [
      'also if it still has the one before',
      [at('10.0.0.2'), at('10.8.0.1', undefined, '10.0.0.2')],
    ],
    ['also if it had no network in between', [at('10.0.0.2'), at(), at('192.168.1.7')]],
    [
      'when it has lost the IPv6 address that they came from',
      [at(undefined, 'fd00::1'), at(undefined, 'fd00::2')],
    ],
  ])('%s', (_, seen) => {
    const watch = new MoveWatch();
    const told = seen.map((now) => watch.look(now));
    expect(told).toEqual([...seen.slice(1).map(() => false), true]);
    // It is told once.
    expect(watch.look(seen.at(-1) ?? at())).toBe(false);
  });

  test.each([
    ['when it is looked at first', [at('10.0.0.2')]],
    ['when its network comes back as it was', [at('10.0.0.2'), at(), at('10.0.0.2')]],
    ['when it gets a first address', [at(), at('10.0.0.2')]],
    [
      'when it gets one that nothing goes out from',
      [at('10.0.0.2'), at('10.0.0.2', undefined, '172.17.0.1')],
    ],
    [
      'when a new IPv6 address is preferred to one that stays',
      [at(undefined, 'fd00::1'), at(undefined, 'fd00::2', 'fd00::1')],
    ],
  ])('not %s', (_, seen) => {
    const watch = new MoveWatch();
    expect(seen.map((now) => watch.look(now))).toEqual(seen.map(() => false));
  });
});

test('connections come from an address that this machine has, if from any', async () => {
  const { v4, v6, all } = await outgoingNow();
  expect(all).toContain('127.0.0.1');
  for (const address of [v4, v6]) {
    if (address !== undefined) expect(all).toContain(address);
  }
});
