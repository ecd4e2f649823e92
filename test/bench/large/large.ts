import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Benchmark, BenchmarkOptions, BenchmarkResult, Measure } from '../benchmark.js';
import { type PreparedContent, parseContent, prepareContent } from '../content.js';
import { sidePrograms } from '../processes/start-side.js';
import { torBench } from '../tor-bench.js';
import { benchDirectory } from '../turns.js';
import { killed } from './killed.js';
import { type Parties, parties } from './parties.js';
import { restarted } from './restarted.js';
import { whole } from './whole.js';

const CONTENT = parseContent('10GB');

/** What is looked at, one transfer each, and what each has to tell. */
export type Trial = (
  parties: Parties,
  content: PreparedContent,
  options: BenchmarkOptions,
) => Promise<Measure[]>;

const TRIALS: Readonly<Record<string, Trial>> = { whole, restarted, killed };

/** A file that is larger than any buffer, and processes that are killed on the way. */
export const large: Benchmark = {
  name: 'large',
  about: `memory, the record on disk, and kills, with 10 GB (ways: ${Object.keys(TRIALS).join(', ')})`,
  async *run(options): AsyncGenerator<BenchmarkResult> {
    const { contents: [content = CONTENT] = [], delayMs = 0, signal, say } = options;
    const { ways = Object.keys(TRIALS) } = options;
    await using directory = await benchDirectory(options.directory);
    await using sides = await sidePrograms(options.profiles);
    const { path, parent } = directory;
    say(`writing ${content.name}`);
    const file = await prepareContent(join(path, 'file'), content, signal);
    await using tors = await torBench({ ...options, directory: path, sides, delayMs });
    for (const name of ways) {
      const trial = TRIALS[name];
      if (trial === undefined) throw new Error(`large has no way ${name}`);
      say(`large: ${name}`);
      const place = join(path, name);
      await using both = await parties(place, tors, file, signal);
      const measures = await trial(both, file, options);
      await rm(both.received);
      yield {
        benchmark: `large, ${name}`,
        content: content.name,
        bytes: content.bytes,
        directory: parent,
        counted: 'by the command line on both sides, the sender with a tor of its own',
        ways: [],
        measures,
      };
    }
  },
};
