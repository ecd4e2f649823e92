import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Benchmark, BenchmarkOptions, BenchmarkResult, Measure } from '../benchmark.js';
import { type Content, type PreparedContent, parseContent, prepareContent } from '../content.js';
import { sidePrograms } from '../processes/start-side.js';
import { torBench } from '../tor-bench.js';
import { benchDirectory } from '../turns.js';
import { ENDINGS, interrupted } from './interrupted.js';
import { type Parties, parties } from './parties.js';
import { restarted } from './restarted.js';
import { whole } from './whole.js';

/** What is looked at, one transfer each, and what each has to tell. */
export type Trial = (
  parties: Parties,
  content: PreparedContent,
  options: BenchmarkOptions,
) => Promise<Measure[]>;

/** A file that is larger than any buffer, and processes that are killed on the way. */
export const large: Benchmark = trials(
  'large',
  'memory, the record on disk, and kills, with 10 GB',
  parseContent('10GB'),
  {
    whole,
    restarted,
    killed: interrupted({
      times: 20,
      endings: ['SIGKILL'],
      side: (time) => (time % 2 === 0 ? 'recipient' : 'sender'),
    }),
  },
);

/** Processes on both sides that are ended in every way that can be resumed. */
export const interruptions: Benchmark = trials(
  'interruptions',
  'processes on both sides that are killed, terminated and hung up, and disks that are full, at random',
  parseContent('500MB'),
  {
    interrupted: interrupted({
      times: 30,
      endings: ENDINGS,
      side: () => (Math.random() < 0.5 ? 'recipient' : 'sender'),
    }),
  },
  { withDisks: true },
);

function trials(
  name: string,
  about: string,
  defaultContent: Content,
  known: Readonly<Record<string, Trial>>,
  { withDisks = false } = {},
): Benchmark {
  return {
    name,
    about: `${about} (ways: ${Object.keys(known).join(', ')})`,
    async *run(options): AsyncGenerator<BenchmarkResult> {
      const { contents: [content = defaultContent] = [], delayMs = 0, signal, say } = options;
      const { ways = Object.keys(known) } = options;
      await using directory = await benchDirectory(options.directory);
      await using sides = await sidePrograms(options.profiles);
      const { path, parent } = directory;
      say(`writing ${content.name}`);
      const file = await prepareContent(join(path, 'file'), content, signal);
      await using tors = await torBench({ ...options, directory: path, sides, delayMs });
      for (const way of ways) {
        const trial = known[way];
        if (trial === undefined) throw new Error(`${name} has no way ${way}`);
        say(`${name}: ${way}`);
        const place = join(path, way);
        await using both = await parties(place, tors, file, { signal, withDisks });
        const measures = await trial(both, file, options);
        await rm(both.received);
        yield {
          benchmark: `${name}, ${way}`,
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
}
