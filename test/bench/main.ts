import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { Benchmark, BenchmarkResult } from './benchmark.js';
import { commands } from './commands/commands.js';
import { type Content, parseContent } from './content.js';
import { firstByte } from './first-byte.js';
import { interruptions, large } from './large/large.js';
import { list } from './list.js';
import { oneCircuit } from './one-circuit.js';
import { pageCircuits } from './page-circuits.js';
import { pageDownload } from './page-download.js';
import { pageUploads } from './page-uploads.js';
import { pages } from './pages/pages.js';
import { pipe } from './pipe.js';
import { drawRates } from './plot/draw-rates.js';
import { readResults } from './plot/read-results.js';
import { readmeTable } from './plot/readme-table.js';
import { loopback, wan } from './profiles/profile.js';
import { lossesOf } from './real/losses.js';
import { real } from './real/real.js';
import { parsePageProfile, parseWeights } from './real/relays.js';
import { readTrace } from './real/trace.js';
import { relayLoad } from './relay-load/relay-load.js';
import { formatResult } from './table.js';
import { thirdParty } from './third-party.js';
import { WAYS_USAGE } from './ways/named.js';

/** The two that run unless told otherwise come first. */
const BENCHMARKS: readonly Benchmark[] = [
  loopback,
  wan,
  real,
  commands,
  firstByte,
  thirdParty,
  large,
  interruptions,
  oneCircuit,
  pipe,
  pages,
  pageDownload,
  pageCircuits,
  pageUploads,
  relayLoad,
  list,
];
const PROFILES = 2;
const PLOT = 'plot';
const TABLE = 'table';
const LOSSES = 'losses';

const USAGE = `npm run bench -- [options] [benchmark ...]     (${loopback.name} and ${wan.name} unless told)
${BENCHMARKS.map(({ name, about }) => `  ${name.padEnd(17)} ${about}`).join('\n')}
options:
  --sizes LIST      what is carried: 100MB, 50M (powers of 1024), 10000x1kB (files), with commas
  --ways LIST       some of the ways, with commas: ${WAYS_USAGE}
  --runs N          runs of each way
  --delay MS        of each link of the private Tor network, one way
  --profile P       relays of ${commands.name}, ${pageCircuits.name} and ${pageUploads.name}: wan (alike), real (unlike, unchanging)
  --beside FILE     another build’s dist/cli/main.js, to be run by ${commands.name} in turns with this one
  --weights W       how clients choose among the relays of ${real.name}: equal, by-rate
  --changes-every S seconds between two changes of ${real.name}'s relays, on average; 0 for none
  --trace DIR       what the tors of ${real.name} tell of their circuits, each second, a file a run
  --directory DIR   where files are written (such as /dev/shm)
  --json            one JSON object a line instead of a table
  --cpu-prof DIR    a CPU profile of each process
npm run bench -- ${PLOT} --from RESULTS --to FILE
  draws what --json has written as an SVG: rate against circuits
npm run bench -- ${TABLE} --from RESULTS
  prints the same as a table in Markdown
npm run bench -- ${LOSSES} --from TRACE
  prints what a run of ${real.name} could have carried, and what of it was lost where`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    size: { type: 'string' },
    sizes: { type: 'string' },
    ways: { type: 'string' },
    runs: { type: 'string' },
    delay: { type: 'string' },
    profile: { type: 'string' },
    beside: { type: 'string' },
    weights: { type: 'string' },
    'changes-every': { type: 'string' },
    trace: { type: 'string' },
    directory: { type: 'string' },
    json: { type: 'boolean', default: false },
    'cpu-prof': { type: 'string' },
    from: { type: 'string' },
    to: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) console.log(USAGE);
else if (positionals[0] === PLOT) await plot();
else if (positionals[0] === TABLE) await table();
else if (positionals[0] === LOSSES) await losses();
else await run();

async function run(): Promise<void> {
  const ending = new AbortController();
  // Again and again: npx and tsx pass on what their group gets as well, and a second signal would end
  // this process before it has unmounted and removed anything.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => ending.abort(new Error('interrupted')));
  }
  for (const benchmark of chosen()) {
    const results = benchmark.run({
      contents: contents(),
      ways: values.ways?.split(','),
      runs: values.runs === undefined ? undefined : wholeNumber(values.runs, 1),
      delayMs: values.delay === undefined ? undefined : wholeNumber(values.delay, 0),
      profile: values.profile === undefined ? undefined : parsePageProfile(values.profile),
      beside: values.beside,
      weights: values.weights === undefined ? undefined : parseWeights(values.weights),
      changesEvery:
        values['changes-every'] === undefined ? undefined : wholeNumber(values['changes-every'], 0),
      trace: values.trace,
      directory: values.directory,
      profiles: values['cpu-prof'],
      signal: ending.signal,
      say: (what) => console.error(what),
    });
    for await (const result of results) print(result);
  }
}

async function plot(): Promise<void> {
  const { from, to } = values;
  if (from === undefined || to === undefined) throw new Error(USAGE);
  await writeFile(to, drawRates(await readResults(from)));
}

async function table(): Promise<void> {
  if (values.from === undefined) throw new Error(USAGE);
  process.stdout.write(readmeTable(await readResults(values.from)));
}

async function losses(): Promise<void> {
  if (values.from === undefined) throw new Error(USAGE);
  console.log(lossesOf(await readTrace(values.from)));
}

function chosen(): readonly Benchmark[] {
  if (positionals.length === 0) return BENCHMARKS.slice(0, PROFILES);
  return positionals.map((name) => {
    const benchmark = BENCHMARKS.find((other) => other.name === name);
    if (benchmark === undefined) throw new Error(`there is no benchmark ${name}\n${USAGE}`);
    return benchmark;
  });
}

function print(result: BenchmarkResult): void {
  console.log(values.json ? JSON.stringify(result) : `${formatResult(result)}\n`);
}

function contents(): readonly Content[] | undefined {
  const sizes = values.sizes ?? values.size;
  return sizes?.split(',').map(parseContent);
}

function wholeNumber(text: string, least: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least) {
    throw new Error(`${text} is no whole number from ${least} up\n${USAGE}`);
  }
  return value;
}
