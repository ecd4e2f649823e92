import { describe, expect, test } from 'vitest';
import { carry } from './carry.js';
import { fairShares } from './fair-share.js';
import { alikeNetwork, type Network, type Path, unlikeNetwork } from './network.js';
import { Random } from './random.js';
import { built } from './strategies/built.js';
import { doubling } from './strategies/doubling.js';
import type { Strategy } from './strategy.js';

const MIB = 1024 * 1024;
const SEEDS = [1, 2, 3, 4, 5, 6];

/** The part of what the network could carry, on average. */
function mean(strategy: Strategy, size: number, make: (random: Random) => Network): number {
  const parts = SEEDS.map(
    (seed) => carry(make(new Random(seed)), new Random(seed + 1000), strategy, size * MIB).part,
  );
  return parts.reduce((sum, part) => sum + part, 0) / parts.length;
}

const relay = (rate: number): Path[number] => ({ rate, usual: rate, delay: 0 });

describe('simulated circuits', () => {
  test('share what they have in common fairly, and leave what they cannot use to others', () => {
    const [narrow, wide] = [relay(300), relay(10_000)];
    const shares = fairShares([
      { path: [narrow, wide], demand: Infinity },
      { path: [narrow, wide], demand: 50 },
      { path: [wide], demand: Infinity },
    ]);
    expect(shares.map(Math.round)).toEqual([250, 50, 9_700]);
  });

  test('carry more of what unlike relays allow than a few that are doubled', () => {
    const parts = [built, doubling].map((strategy) => mean(strategy, 60, unlikeNetwork));
    expect(parts[0]).toBeGreaterThan((parts[1] ?? 1) * 1.15);
  });

  test('carry no less where all are alike, near or far', () => {
    for (const delay of [0.005, 0.04]) {
      const make = (random: Random): Network => alikeNetwork(random, delay);
      const [now, before] = [built, doubling].map((strategy) => mean(strategy, 30, make));
      expect(now).toBeGreaterThanOrEqual((before ?? 1) * 0.99);
    }
  });
});
