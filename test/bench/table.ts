import {
  type BenchmarkResult,
  median,
  medianContentRate,
  medianRate,
  type Way,
} from './benchmark.js';
import type { Usage } from './processes/report.js';

const MB = 1e6;
const GB = 1e9;

/** A result as a person reads it. */
export function formatResult(result: BenchmarkResult): string {
  const { benchmark, bytes, directory, counted, ways, ratios } = result;
  const rows = [
    [
      '',
      'MB/s',
      'MB/s after',
      'first',
      'range',
      'CPU s/GB',
      'peak RSS MB',
      'RSS at 25/50/75/100 %',
    ],
    ['', '', 'first byte', 'byte s', 'MB/s', 'send recv', 'send  recv', 'send | recv'],
    ...ways.map((way) => rowOf(bytes, way)),
  ];
  const loads = ways.flatMap(({ runs }) => runs.map(({ load }) => load));
  const count = ways[0]?.runs.length ?? 0;
  return [
    `${benchmark}: ${(bytes / MB).toFixed(1)} MB in ${directory}, medians of ${count} alternating runs`,
    `  counted ${counted}`,
    `  load of the machine ${Math.min(...loads).toFixed(1)} to ${Math.max(...loads).toFixed(1)}`,
    ...align(rows).map((line) => `  ${line}`),
    ...ratios.map(({ name, value, required }) => {
      const verdict =
        required === undefined
          ? ''
          : `, required ${required.toFixed(2)}: ${value >= required ? 'met' : 'missed'}`;
      return `  ${name}: ${value.toFixed(2)}${verdict}`;
    }),
  ].join('\n');
}

function rowOf(bytes: number, way: Way): string[] {
  const { name, runs } = way;
  const rates = runs.map(({ seconds }) => bytes / seconds);
  const firsts = runs.flatMap(({ firstByteSeconds }) => firstByteSeconds ?? []);
  const cpu = (side: (run: Way['runs'][number]) => Usage): string =>
    (median(runs.map((run) => side(run).cpuSeconds)) / (bytes / GB)).toFixed(2);
  const peak = (side: (run: Way['runs'][number]) => Usage): string =>
    inMB(Math.max(...runs.map((run) => side(run).peakRssBytes)));
  return [
    name,
    inMB(medianRate(bytes, way)),
    inMB(medianContentRate(bytes, way)),
    firsts.length === 0 ? '–' : median(firsts).toFixed(2),
    `${inMB(Math.min(...rates))}–${inMB(Math.max(...rates))}`,
    `${cpu(({ sender }) => sender)} ${cpu(({ recipient }) => recipient)}`,
    `${peak(({ sender }) => sender)} ${peak(({ recipient }) => recipient)}`,
    `${over(runs.map(({ sender }) => sender))} | ${over(runs.map(({ recipient }) => recipient))}`,
  ];
}

/** The median over all runs of what was held at each point. */
function over(usages: readonly Usage[]): string {
  const points = usages[0]?.rssBytes.map((_, point) =>
    inMB(median(usages.map(({ rssBytes }) => rssBytes[point] ?? Number.NaN))),
  );
  return (points ?? []).join(' ');
}

function inMB(bytes: number): string {
  const value = bytes / MB;
  return value.toFixed(value < 100 ? 1 : 0);
}

function align(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]?.map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths?.[column] ?? 0) : cell.padStart(widths?.[column] ?? 0),
      )
      .join('  '),
  );
}
