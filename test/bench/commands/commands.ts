import { randomUUID } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import {
  type Benchmark,
  type BenchmarkOptions,
  type BenchmarkResult,
  type Measure,
  median,
  type Run,
  type Way,
} from '../benchmark.js';
import { type PreparedContent, parseContent, prepareContent } from '../content.js';
import { pageNetwork } from '../plain-against-page.js';
import { sidePrograms } from '../processes/start-side.js';
import { benchDirectory } from '../turns.js';
import type { Ground } from '../ways/ground.js';
import { serveHttp } from '../ways/http.js';
import { hasTorget } from '../ways/torget.js';
import { type Command, curl, onionferry, torget } from './command.js';

const CONTENTS = ['1M', '100M'].map(parseContent);
const RUNS = 5;
const OURS = 'onionferry';
const BESIDE = 'beside';
const SMALL_BYTES = 1024 * 1024;
/** Of what tor and curl need for that. */
const SMALL_ALLOWED = 1.25;

interface CommandRuns extends Way {
  readonly runs: Run[];
  /** Of each sender, from its start until it can be reached. */
  readonly onlineSeconds: number[];
}

/**
 * What a user waits for: commands from their start to their end, each with a tor that knows nothing
 * yet and has to start as well.
 */
export const commands: Benchmark = {
  name: 'commands',
  about: 'whole commands with tors that have just been started, against tor and curl',
  async *run(options): AsyncGenerator<BenchmarkResult> {
    const { contents = CONTENTS, signal } = options;
    await using directory = await benchDirectory(options.directory);
    await using sides = await sidePrograms(options.profiles);
    const { path, parent } = directory;
    await using network = await pageNetwork({ ...options, directory: path, sides });
    const { program, torrc } = network;
    const service = await network.start(join(path, 'service'));
    const client = await network.start(join(path, 'client'));
    const ground = { sides, tors: { service, client, program }, directory: path, signal };
    for (const content of contents) {
      const file = await prepareContent(join(path, 'content'), content, signal);
      const ways = await inTurns({ ...options, ground, torrc }, file);
      await rm(file.path);
      const { name, bytes } = content;
      yield {
        benchmark: 'commands',
        content: name,
        bytes,
        directory: parent,
        counted:
          'from the start of the command (of tor, where it is the user who starts it) to its end; first byte: of the content',
        ways,
        measures: measuresOf(ways, bytes),
      };
    }
  },
};

interface Turns extends BenchmarkOptions {
  readonly ground: Ground;
  readonly torrc: string;
}

async function inTurns(options: Turns, file: PreparedContent): Promise<CommandRuns[]> {
  const { ground, torrc, runs = RUNS, beside, signal, say } = options;
  const { directory, tors } = ground;
  await using http = await serveHttp(ground, file);
  const known: readonly Command[] = [
    onionferry(OURS),
    ...(beside === undefined ? [] : [onionferry(BESIDE, beside)]),
    curl,
    ...(hasTorget() ? [torget] : []),
  ];
  const ways = known
    .filter(({ name }) => options.ways?.includes(name) ?? true)
    .map((command) => ({ ...command, runs: new Array<Run>(), onlineSeconds: new Array<number>() }));
  for (let run = 0; run < runs; run++) {
    // Each is first in turn.
    const first = run % ways.length;
    for (const way of [...ways.slice(first), ...ways.slice(0, first)]) {
      signal.throwIfAborted();
      say(`commands, ${file.name}: ${way.name}, run ${run + 1} of ${runs}`);
      const own = join(directory, `run-${randomUUID()}`);
      // tor takes no socket in a folder that others may look into.
      await mkdir(own, { mode: 0o700 });
      const torrcFile = join(own, 'torrc');
      await writeFile(torrcFile, torrc);
      const load = loadavg()[0] ?? 0;
      const { program } = tors;
      const place = { directory: own, torrc: torrcFile, program, onion: http.onion, signal };
      const { onlineSeconds, ...did } = await way.run(place, file);
      way.runs.push({ load, ...did });
      if (onlineSeconds !== undefined) way.onlineSeconds.push(onlineSeconds);
      await rm(own, { recursive: true });
    }
  }
  return ways.map(({ name, runs: did, onlineSeconds }) => ({ name, runs: did, onlineSeconds }));
}

function measuresOf(ways: readonly CommandRuns[], bytes: number): Measure[] {
  const seconds = (name: string): number =>
    median(ways.find((way) => way.name === name)?.runs.map((run) => run.seconds) ?? []);
  const against = (name: string, allowed?: number): Measure => ({
    name: `${OURS} / ${name}, seconds`,
    value: seconds(OURS) / seconds(name),
    allowed,
  });
  const online = ways.map(({ name, onlineSeconds }) => ({
    name: `${name}: from send until it is online`,
    value: median(onlineSeconds),
    unit: 's',
  }));
  return [
    against(curl.name, bytes === SMALL_BYTES ? SMALL_ALLOWED : undefined),
    against(torget.name),
    against(BESIDE),
    ...online,
  ].filter(({ value }) => !Number.isNaN(value));
}
