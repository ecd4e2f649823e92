import { join } from 'node:path';
import type { Benchmark, BenchmarkOptions, BenchmarkResult } from '../benchmark.js';
import { type Content, parseContent } from '../content.js';
import { sidePrograms } from '../processes/start-side.js';
import { torBench } from '../tor-bench.js';
import { benchDirectory } from '../turns.js';
import type { Ground } from '../ways/ground.js';
import { manyFiles } from './many-files.js';
import { oneFile } from './one-file.js';

const CONTENTS: readonly Content[] = ['1MB', '100MB', '10000x1kB'].map(parseContent);
const RUNS = 5;

export interface Profile {
  readonly name: string;
  readonly about: string;
  readonly delayMs: number;
  /** Of one plain circuit, what 100 MB with default settings have to be at least. */
  readonly timesPlain: number;
}

/** One thing to carry, on a network that is there. */
export interface Round extends Ground {
  readonly profile: Profile;
  readonly content: Content;
  readonly runs: number;
  readonly options: BenchmarkOptions;
}

/** Every way to carry a file through a private Tor network of one kind, side by side. */
function benchmarkOf(profile: Profile): Benchmark {
  return {
    name: profile.name,
    about: profile.about,
    async *run(options): AsyncGenerator<BenchmarkResult> {
      const { contents = CONTENTS, runs = RUNS, delayMs = profile.delayMs, signal } = options;
      await using directory = await benchDirectory(options.directory);
      await using sides = await sidePrograms(options.profiles);
      const { path } = directory;
      await using tors = await torBench({ ...options, directory: path, sides, delayMs });
      for (const [number, content] of contents.entries()) {
        await using own = await benchDirectory(path);
        const ground = { sides, tors, directory: own.path, signal };
        const round = { ...ground, profile, content, runs, options };
        const file = join(own.path, `content-${number}`);
        const result = await (content.files === 1 ? oneFile(round, file) : manyFiles(round, file));
        yield { ...result, directory: directory.parent };
      }
    },
  };
}

export const loopback: Benchmark = benchmarkOf({
  name: 'loopback',
  about: 'every way through a private Tor network on this machine',
  delayMs: 0,
  timesPlain: 5.5,
});

export const wan: Benchmark = benchmarkOf({
  name: 'wan',
  about: 'the same with a delay of 40 ms on every link, one way',
  delayMs: 40,
  timesPlain: 8,
});
