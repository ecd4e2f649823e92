import { type Carried, carry, type Strategy } from './carry.js';
import { alikeNetwork, longTailedNetwork, type Network, unlikeNetwork } from './network.js';
import { Random } from './random.js';
import { allAtOnce } from './strategies/all-at-once.js';
import { keepFit } from './strategies/keep-fit.js';
import { built } from './strategies/built.js';
import { doubling } from './strategies/doubling.js';

const MIB = 1024 * 1024;
const [seedsText = '20', only = '', sizesText = '5,60,500', chosen = ''] = process.argv.slice(2);
const seeds = Number(seedsText);
const networks: [string, (random: Random) => Network][] = [
  ['real', (random) => unlikeNetwork(random)],
  ['real, weighted', (random) => unlikeNetwork(random, { isWeighted: true })],
  ['long tail', longTailedNetwork],
  ['near, alike', (random) => alikeNetwork(random, 0.005)],
  ['far, alike', (random) => alikeNetwork(random, 0.04)],
];
const strategies: Strategy[] = [
  doubling,
  allAtOnce(32),
  keepFit({ settleMs: 3000, windowMs: 2000, unfit: 0.75 }),
  keepFit({ most: 24, start: 32, settleMs: 3000, windowMs: 2000, atOnce: 6 }),
  built,
];

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

for (const [name, make] of networks) {
  if (!name.startsWith(only)) continue;
  for (const size of sizesText.split(',').map(Number)) {
    console.log(`${name}, ${size} MiB`);
    for (const strategy of strategies) {
      if (!new RegExp(chosen).test(strategy.name)) continue;
      const runs: Carried[] = [];
      for (let seed = 1; seed <= seeds; seed++) {
        runs.push(carry(make(new Random(seed)), new Random(seed + 1000), strategy, size * MIB));
      }
      const of = (pick: (run: Carried) => number): number => median(runs.map(pick));
      const mean = runs.reduce((sum, { part }) => sum + part, 0) / runs.length;
      const worst = Math.min(...runs.map(({ part }) => part));
      console.log(
        `  ${strategy.name.padEnd(20)} ${(of((r) => r.rate) / 1e6).toFixed(2)} MB/s  part ${of((r) => r.part).toFixed(2)} worst ${worst.toFixed(2)} mean ${mean.toFixed(3)}  drawn ${of((r) => r.drawn)} living ${of((r) => r.living).toFixed(1)} twice ${(100 * of((r) => r.twice)).toFixed(0)} %  tail ${of((r) => r.tailS).toFixed(1)} s`,
      );
    }
  }
}
