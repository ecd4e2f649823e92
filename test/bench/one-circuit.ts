import { join } from 'node:path';
import { type Benchmark, type BenchmarkResult, rateRatio } from './benchmark.js';
import { parseContent, prepareContent } from './content.js';
import { sidePrograms } from './processes/start-side.js';
import { torBench } from './tor-bench.js';
import { benchDirectory, inTurns } from './turns.js';
import { serveFerry } from './ways/ferry.js';
import { COUNTED } from './ways/ground.js';
import { serveHttp } from './ways/http.js';

const CONTENT = parseContent('50M');
const RUNS = 9;
/** Of what a plain HTTP download carries. */
const REQUIRED = 0.9;
const HTTP = 'plain HTTP';
const FERRY = 'onionferry';

/** One stream against a plain HTTP download, through one circuit each of the same private network. */
export const oneCircuit: Benchmark = {
  name: 'one-circuit',
  about: 'one stream of onionferry against plain HTTP over one circuit',
  async *run(options): AsyncGenerator<BenchmarkResult> {
    const { contents: [content = CONTENT] = [], runs = RUNS, delayMs = 0, signal } = options;
    await using directory = await benchDirectory(options.directory);
    await using sides = await sidePrograms(options.profiles);
    const file = await prepareContent(join(directory.path, 'file'), content, signal);
    const { path, parent } = directory;
    await using tors = await torBench({ ...options, directory: path, sides, delayMs });
    const ground = { sides, tors, directory: path, signal };
    await using http = await serveHttp(ground, file);
    await using ferry = await serveFerry(ground, file);
    const ways = await inTurns(
      [http.carrier(HTTP, 1), ferry.carrier(FERRY, { circuits: 1 })],
      { runs, directory: path, title: 'one-circuit' },
      options,
    );
    yield {
      benchmark: 'one-circuit',
      content: content.name,
      bytes: content.bytes,
      directory: parent,
      counted: COUNTED,
      ways,
      measures: rateRatio(ways, FERRY, HTTP, REQUIRED),
    };
  },
};
