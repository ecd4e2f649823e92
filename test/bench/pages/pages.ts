import type { Benchmark, BenchmarkResult } from '../benchmark.js';
import { sidePrograms } from '../processes/start-side.js';
import { archive, manyFiles } from './archive.js';
import { atOnce } from './at-once.js';
import { oneFile } from './one-file.js';

const TRIALS = { file: oneFile, 'at-once': atOnce, archive, 'many-files': manyFiles } as const;

/** What `share` serves, without Tor. */
export const pages: Benchmark = {
  name: 'pages',
  about: `share without Tor against a bare server (ways: ${Object.keys(TRIALS).join(', ')})`,
  async *run(options): AsyncGenerator<BenchmarkResult> {
    await using sides = await sidePrograms(options.profiles);
    for (const [name, trial] of Object.entries(TRIALS)) {
      if (options.ways?.includes(name) !== false) yield await trial(sides, options);
    }
  },
};
