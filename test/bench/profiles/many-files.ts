import { type BenchmarkResult, rateRatio } from '../benchmark.js';
import { prepareContent } from '../content.js';
import { inTurns } from '../turns.js';
import { serveFerry } from '../ways/ferry.js';
import { COUNTED } from '../ways/ground.js';
import type { Round } from './profile.js';

/** Of the rate of one file. */
const REQUIRED = 0.5;

/** Many small files against one that is as large as all of them. */
export async function manyFiles(round: Round, path: string): Promise<BenchmarkResult> {
  const { profile, content, options, signal, tors } = round;
  const { name, bytes, files } = content;
  const many = `default, ${files} files`;
  const one = 'default, one file';
  const single = { name: 'one file', files: 1, bytes };
  await using folder = await serveFerry(round, await prepareContent(path, content, signal));
  await using file = await serveFerry(
    round,
    await prepareContent(`${path}-single`, single, signal),
  );
  const { runs, directory } = round;
  const title = `${profile.name}, ${name}`;
  const others = { 'tor send': tors.service.pid, 'tor recv': tors.client.pid };
  const ways = await inTurns(
    [folder.carrier(many, { sync: false }), file.carrier(one, { sync: false })],
    { runs, directory, keep: true, title, others },
    options,
  );
  return {
    benchmark: profile.name,
    content: name,
    bytes,
    directory,
    counted: `${COUNTED}; but the recipient’s fsync does nothing here`,
    ways,
    measures: rateRatio(ways, many, one, REQUIRED),
  };
}
