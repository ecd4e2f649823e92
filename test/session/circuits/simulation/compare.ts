import { type Carried, carry } from './carry.js';
import { alikeNetwork, longTailedNetwork, type Network, unlikeNetwork } from './network.js';
import { Random } from './random.js';
import { allAtOnce } from './strategies/all-at-once.js';
import { allKnowing } from './strategies/all-knowing.js';
import { built } from './strategies/built.js';
import { byHop } from './strategies/by-hop.js';
import { doubling } from './strategies/doubling.js';
import { slowestAtTimes } from './strategies/slowest-at-times.js';

// npx tsx test/session/circuits/simulation/compare.ts [RUNS [NETWORK [MIB,…]]]

const MIB = 1024 * 1024;
const NETWORKS: readonly (readonly [string, (random: Random) => Network])[] = [
  ['unlike', (random) => unlikeNetwork(random)],
  ['weighted', (random) => unlikeNetwork(random, { isWeighted: true })],
  ['long-tailed', longTailedNetwork],
  ['near', (random) => alikeNetwork(random, 0.005)],
  ['far', (random) => alikeNetwork(random, 0.04)],
];
const STRATEGIES = [doubling, allAtOnce, slowestAtTimes, byHop, built, allKnowing];
const [count = '20', only = '', sizes = '5,60,500'] = process.argv.slice(2);

for (const [name, make] of NETWORKS) {
  if (!name.startsWith(only)) continue;
  for (const size of sizes.split(',').map(Number)) {
    console.log(
      `${name}, ${size} MiB:  MB/s  part of the bound: median, mean, worst  drawn  living  twice  last 5 % (s)`,
    );
    for (const strategy of STRATEGIES) {
      const runs: Carried[] = [];
      for (let seed = 1; seed <= Number(count); seed++) {
        const network = make(new Random(seed));
        runs.push(carry(network, new Random(seed + 1000), strategy, size * MIB));
      }
      console.log(`  ${strategy.name.padEnd(18)} ${lineOf(runs)}`);
    }
  }
}

function lineOf(runs: readonly Carried[]): string {
  const parts = runs.map(({ part }) => part);
  const mean = parts.reduce((sum, part) => sum + part, 0) / parts.length;
  return [
    (median(runs.map(({ rate }) => rate)) / 1e6).toFixed(2).padStart(6),
    ...[median(parts), mean, Math.min(...parts)].map((part) => part.toFixed(2)),
    median(runs.map(({ drawn }) => drawn)),
    median(runs.map(({ living }) => living)).toFixed(0),
    median(runs.map(({ twice }) => twice)).toFixed(3),
    median(runs.map(({ tailS }) => tailS)).toFixed(1),
  ].join('  ');
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
