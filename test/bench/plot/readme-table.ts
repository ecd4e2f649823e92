import { type BenchmarkResult, innerRate, median, type Run } from '../benchmark.js';
import { resultOf } from './curves.js';

const MB = 1e6;

/** With the words above each. */
const PROFILES = [
  { profile: 'loopback', title: 'as fast as the machine' },
  { profile: 'wan', title: '40 ms a link' },
  { profile: 'real', title: 'unlike relays' },
] as const;

/** In the order of the rows. */
const WAYS: readonly (readonly [name: RegExp, words: string])[] = [
  [/^plain$/, 'plain HTTP, 1 circuit'],
  [/^ranges-(\d+)$/, 'plain HTTP ranges, $1'],
  [/^onionshare$/, 'OnionShare'],
  [/^torget$/, 'torget'],
  [/^ferry-(\d+)$/, 'onionferry, $1'],
  [/^default$/, '**onionferry by itself**'],
];

/** README's table, in Markdown: medians in MB/s, with the least and the most of several runs. */
export function readmeTable(results: readonly BenchmarkResult[]): string {
  const shown = PROFILES.flatMap(({ profile, title }) => {
    const result = resultOf(results, profile);
    return result === undefined ? [] : [{ result, title }];
  });
  const columns = shown.flatMap(({ result, title }) => columnsOf(result, title));
  const names = [...new Set(shown.flatMap(({ result }) => result.ways.map(({ name }) => name)))];
  const rows = WAYS.flatMap(([pattern, words]) =>
    names
      .filter((name) => pattern.test(name))
      .sort((one, other) => one.length - other.length || (one < other ? -1 : 1))
      .map((name) => [name.replace(pattern, words), ...columns.map(({ cell }) => cell(name))]),
  );
  return [
    ['MB/s', ...columns.map(({ head }) => head)],
    ['---', ...columns.map(() => '---')],
    ...rows,
  ]
    .map((cells) => `| ${cells.join(' | ')} |\n`)
    .join('');
}

interface Column {
  readonly head: string;
  readonly cell: (way: string) => string;
}

function columnsOf({ content, bytes, ways }: BenchmarkResult, title: string): Column[] {
  const over =
    (value: (run: Run) => number) =>
    (way: string): string => {
      const runs = ways.find(({ name }) => name === way)?.runs ?? [];
      return runs.length === 0 ? '–' : spread(runs.map(value));
    };
  const isBound = ways.some(({ runs }) => runs.some(({ bound }) => bound !== undefined));
  return [
    { head: `${title}, ${content}`, cell: over(({ seconds }) => bytes / seconds / MB) },
    { head: 'first to last byte', cell: over((run) => innerRate(bytes, run) / MB) },
    ...(isBound
      ? [
          {
            head: 'of the bound',
            cell: over((run) => innerRate(bytes, run) / (run.bound ?? Number.NaN)),
          },
        ]
      : []),
  ];
}

function spread(values: readonly number[]): string {
  const middle = median(values);
  const digits = middle < 10 ? 2 : 1;
  const range = [Math.min(...values), Math.max(...values)].map((value) => value.toFixed(digits));
  return values.length === 1
    ? middle.toFixed(digits)
    : `${middle.toFixed(digits)} (${range.join('–')})`;
}
