import { type BenchmarkResult, type Measure, median, rateRatio, type Way } from '../benchmark.js';
import { prepareContent } from '../content.js';
import { type Carrier, inTurns } from '../turns.js';
import { type FerryService, serveFerry } from '../ways/ferry.js';
import { COUNTED } from '../ways/ground.js';
import { type HttpService, serveHttp } from '../ways/http.js';
import { hasOnionShare, serveOnionShare } from '../ways/onionshare.js';
import type { Round } from './profile.js';

const MB = 1e6;
const GB = 1e9;
/** Of the ceiling, for files so large that the start does not count. */
const OF_CEILING = 0.85;

const PLAIN = 'plain';
const DEFAULT = 'default';
const ONIONSHARE = 'onionshare';
const RANGES = /^ranges-(\d+)$/;
const FERRY = /^ferry-(\d+)$/;
const WAYS = 'plain,ranges-8,ranges-16,ferry-1,ferry-2,ferry-4,ferry-8,ferry-16,default,onionshare';

/** What `--ways` may name. */
export const WAYS_USAGE = `plain, ranges-N, ferry-N, default, ${ONIONSHARE}`;

/** A file by each way in turn, against what Tor itself carries. */
export async function oneFile(round: Round, path: string): Promise<BenchmarkResult> {
  const { profile, content, options, signal, tors } = round;
  const file = await prepareContent(path, content, signal);
  await using http = await serveHttp(round, file);
  await using ferry = await serveFerry(round, file);
  const names = (options.ways ?? WAYS.split(',')).filter(
    (name) => name !== ONIONSHARE || hasOnionShare(),
  );
  await using share = names.includes(ONIONSHARE) ? await serveOnionShare(round, file) : undefined;
  const carriers = names.map((name) =>
    name === ONIONSHARE && share !== undefined
      ? share.carrier(name)
      : carrierNamed(name, http, ferry),
  );
  const { runs, directory } = round;
  const title = `${profile.name}, ${content.name}`;
  const others = { 'tor send': tors.service.pid, 'tor recv': tors.client.pid };
  const ways = await inTurns(carriers, { runs, directory, title, others }, options);
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

function carrierNamed(name: string, http: HttpService, ferry: FerryService): Carrier {
  if (name === PLAIN) return http.carrier(name, 1);
  if (name === DEFAULT) return ferry.carrier(name);
  const ranges = RANGES.exec(name)?.[1];
  if (ranges !== undefined) return http.carrier(name, Number(ranges));
  const circuits = FERRY.exec(name)?.[1];
  if (circuits !== undefined) return ferry.carrier(name, { circuits: Number(circuits) });
  throw new Error(`there is no way ${name}; ways are ${WAYS_USAGE}`);
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
    ...rateRatio(ways, 'ferry-1', PLAIN),
  ];
}
