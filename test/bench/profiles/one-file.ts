import { type BenchmarkResult, type Measure, median, rateRatio, type Way } from '../benchmark.js';
import { prepareContent } from '../content.js';
import { inTurns } from '../turns.js';
import { COUNTED } from '../ways/ground.js';
import {
  availableWays,
  DEFAULT,
  ONIONSHARE,
  PLAIN,
  RANGES,
  serveNamed,
  TORGET,
} from '../ways/named.js';
import type { Round } from './profile.js';

const MB = 1e6;
const GB = 1e9;
/** Of the ceiling, for files so large that the start does not count. */
const OF_CEILING = 0.85;

const WAYS =
  'plain,ranges-8,ranges-16,ferry-1,ferry-2,ferry-4,ferry-8,ferry-16,default,onionshare,torget';

/** A file by each way in turn, against what Tor itself carries. */
export async function oneFile(round: Round, path: string): Promise<BenchmarkResult> {
  const { profile, content, options, signal, tors } = round;
  const file = await prepareContent(path, content, signal);
  const names = availableWays(options.ways ?? WAYS.split(','));
  await using named = await serveNamed(round, file, names);
  const { runs, directory } = round;
  const title = `${profile.name}, ${content.name}`;
  const others = { 'tor send': tors.service.pid, 'tor recv': tors.client.pid };
  const ways = await inTurns(named.carriers, { runs, directory, title, others }, options);
  const { name, bytes } = content;
  return {
    benchmark: profile.name,
    content: name,
    bytes,
    directory,
    counted: COUNTED,
    ways,
    measures: measuresOf(round, ways),
  };
}

/** What is required counts only for the sizes that it was asked for. */
function measuresOf({ profile, content: { bytes } }: Round, ways: readonly Way[]): Measure[] {
  const timesPlain = bytes === 100 * MB ? profile.timesPlain : undefined;
  const ofCeiling = bytes >= GB && profile.delayMs === 0 ? OF_CEILING : undefined;
  const seconds = ({ runs }: Way): number => median(runs.map((run) => run.seconds));
  const ranges = ways.filter(({ name }) => RANGES.test(name));
  const [ceiling] = ranges.sort((one, other) => seconds(one) - seconds(other));
  return [
    ...rateRatio(ways, DEFAULT, PLAIN, timesPlain),
    ...(ceiling === undefined ? [] : rateRatio(ways, DEFAULT, ceiling.name, ofCeiling)),
    ...rateRatio(ways, DEFAULT, ONIONSHARE),
    ...rateRatio(ways, DEFAULT, TORGET),
    ...rateRatio(ways, 'ferry-1', PLAIN),
  ];
}
