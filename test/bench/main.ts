import { parseArgs } from 'node:util';
import type { Benchmark, BenchmarkResult } from './benchmark.js';
import { loopback } from './loopback.js';
import { oneCircuit } from './one-circuit.js';
import { formatResult } from './table.js';

const BENCHMARKS: readonly Benchmark[] = [oneCircuit, loopback];

const USAGE = `npm run bench -- [options] [${BENCHMARKS.map(({ name }) => name).join(' | ')}]
  --size N[k|M|G]   bytes of the file (k, M, G: powers of 1024)
  --runs N          runs of each way
  --directory DIR   where files are written (such as /dev/shm)
  --json            one JSON object a line instead of a table
  --cpu-prof DIR    a CPU profile of each process`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    size: { type: 'string' },
    runs: { type: 'string' },
    directory: { type: 'string' },
    json: { type: 'boolean', default: false },
    'cpu-prof': { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  console.log(USAGE);
} else {
  const ending = new AbortController();
  process.once('SIGINT', () => ending.abort(new Error('interrupted')));
  process.once('SIGTERM', () => ending.abort(new Error('interrupted')));
  for (const benchmark of chosen()) {
    const result = await benchmark.run({
      bytes: bytesOf(values.size),
      runs: values.runs === undefined ? undefined : wholeNumber(values.runs),
      directory: values.directory,
      profiles: values['cpu-prof'],
      signal: ending.signal,
      say: (what) => console.error(what),
    });
    print(result);
  }
}

function chosen(): readonly Benchmark[] {
  if (positionals.length === 0) return BENCHMARKS;
  return positionals.map((name) => {
    const benchmark = BENCHMARKS.find((other) => other.name === name);
    if (benchmark === undefined) throw new Error(`there is no benchmark ${name}\n${USAGE}`);
    return benchmark;
  });
}

function print(result: BenchmarkResult): void {
  console.log(values.json ? JSON.stringify(result) : `${formatResult(result)}\n`);
}

function bytesOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [, digits = '', unit = ''] = /^(\d+)([kMG]?)$/.exec(text) ?? [];
  return wholeNumber(digits) * 1024 ** ['', 'k', 'M', 'G'].indexOf(unit);
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1) throw new Error(`not a whole number above 0\n${USAGE}`);
  return value;
}
