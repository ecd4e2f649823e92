import { expect, test } from 'vitest';
import type { BenchmarkResult, Run, Way } from '../benchmark.js';
import { readmeTable } from './readme-table.js';

function way(name: string, runs: readonly Partial<Run>[]): Way {
  const usage = { cpuSeconds: 1, peakRssBytes: 1, rssBytes: [] };
  const common = { seconds: 1, load: 0, sender: usage, recipient: usage };
  return { name, runs: runs.map((run) => ({ ...common, ...run })) };
}

function result(benchmark: string, ways: readonly Way[]): BenchmarkResult {
  const where = { content: '10MB', bytes: 10e6, directory: '/tmp', counted: '' };
  return { benchmark, ...where, ways, measures: [] };
}

test('the table has a row for each way, whole and inner rates apart, and what was not run is a dash', () => {
  const runs = [
    { seconds: 4, contentSeconds: 2, bound: 10e6 },
    { seconds: 5, contentSeconds: 2.5, bound: 10e6 },
    { seconds: 8, contentSeconds: 4, bound: 5e6 },
  ];
  const table = readmeTable([
    result('wan', [way('default', [{ seconds: 2 }]), way('plain', [{ seconds: 10 }])]),
    result('real', [way('default', runs)]),
  ]);
  expect(table.split('\n')).toEqual([
    '| MB/s | 40 ms a link, 10MB | first to last byte | unlike relays, 10MB | first to last byte | of the bound |',
    '| --- | --- | --- | --- | --- | --- |',
    '| plain HTTP, 1 circuit | 1.00 | 1.00 | – | – | – |',
    '| **onionferry by itself** | 5.00 | 5.00 | 2.00 (1.25–2.50) | 4.00 (2.50–5.00) | 0.50 (0.40–0.50) |',
    '',
  ]);
});
