import {
  type BenchmarkResult,
  innerRate,
  type Measure,
  median,
  type Run,
  type Way,
} from './benchmark.js';
import type { Usage } from './processes/report.js';

const MB = 1e6;
const GB = 1e9;
/** Below it, what is used for each byte says nothing. */
const CPU_COUNTS_BYTES = MB;

/** A result as a person reads it. */
export function formatResult(result: BenchmarkResult): string {
  const { benchmark, content, bytes, directory, counted, ways, measures } = result;
  const others = Object.keys(ways[0]?.runs[0]?.others ?? {});
  const loads = ways.flatMap(({ runs }) => runs.map(({ load }) => load));
  const count = ways[0]?.runs.length ?? 0;
  const isBound = ways.some(({ runs }) => runs.some(({ bound }) => bound !== undefined));
  const columns = columnsOf(others, isBound);
  const rows = [
    columns.map(([head]) => head),
    columns.map(([, under]) => under),
    ...ways.map((way) => columns.map(([, , cell]) => cell(bytes, way))),
  ];
  const runs = count === 0 ? '' : `, medians of ${count} alternating runs`;
  return [
    `${benchmark}: ${content} (${inMB(bytes)} MB) in ${directory}${runs}`,
    `  counted ${counted}`,
    ...(count === 0
      ? []
      : [
          `  load of the machine ${Math.min(...loads).toFixed(1)} to ${Math.max(...loads).toFixed(1)}`,
          ...align(rows).map((line) => `  ${line}`),
        ]),
    ...measures.map((measure) => `  ${formatMeasure(measure)}`),
  ].join('\n');
}

function formatMeasure({ name, value, unit, required, allowed }: Measure): string {
  const verdict = (met: boolean): string => (met ? 'met' : 'NOT met');
  return [
    `${name}: ${value.toFixed(2)}${unit === undefined ? '' : ` ${unit}`}`,
    required === undefined
      ? ''
      : `, required ${required.toFixed(2)}: ${verdict(value >= required)}`,
    allowed === undefined ? '' : `, allowed ${allowed.toFixed(2)}: ${verdict(value <= allowed)}`,
  ].join('');
}

type Column = readonly [head: string, under: string, cell: (bytes: number, way: Way) => string];

function columnsOf(others: readonly string[], isBound: boolean): Column[] {
  return [
    ['', '', (_, { name, failed = 0 }) => (failed === 0 ? name : `${name}, ${failed} failed`)],
    [
      'circuits',
      '',
      (_, { runs }) =>
        medianOrNone(
          runs.map(({ circuits }) => circuits),
          0,
        ),
    ],
    ['MB/s', 'whole', (bytes, { runs }) => spreadOf(wholeRates(bytes, runs))],
    ['MB/s, first', 'to last byte', (bytes, { runs }) => spreadOf(innerRates(bytes, runs))],
    ...(isBound ? [boundColumn()] : []),
    [
      'first',
      'byte s',
      (_, way) =>
        medianOrNone(
          way.runs.map((run) => run.firstByteSeconds),
          2,
        ),
    ],
    ['CPU s/GB', 'send recv', cpuOf],
    ...(others.length === 0 ? [] : [othersColumn(others)]),
    ['peak RSS MB', 'send  recv', peaksOf],
    ['RSS at 25/50/75/100 %', 'send | recv', courseOf],
  ];
}

function othersColumn(others: readonly string[]): Column {
  const cell = (bytes: number, { runs }: Way): string =>
    (bytes < CPU_COUNTS_BYTES ? [] : others)
      .map((name) => median(runs.map((run) => run.others?.[name] ?? Number.NaN)) / (bytes / GB))
      .map((value) => value.toFixed(1))
      .join(' ');
  return ['CPU s/GB', others.join(', '), cell];
}

/** Of the first to the last byte's rate, in what the relays that were drawn could carry. */
function boundColumn(): Column {
  const cell = (bytes: number, { runs }: Way): string => {
    const parts = runs.map((run) => innerRate(bytes, run) / (run.bound ?? Number.NaN));
    return `${median(parts).toFixed(2)} (${Math.min(...parts).toFixed(2)}–${Math.max(...parts).toFixed(2)})`;
  };
  return ['of the', 'bound', cell];
}

function wholeRates(bytes: number, runs: readonly Run[]): number[] {
  return runs.map(({ seconds }) => bytes / seconds);
}

function innerRates(bytes: number, runs: readonly Run[]): number[] {
  return runs.map((run) => innerRate(bytes, run));
}

/** The median, then the least and the most. */
function spreadOf(rates: readonly number[]): string {
  const inOneUnit = (rate: number): string => (rate / MB).toFixed(median(rates) < 10 * MB ? 2 : 1);
  return `${inOneUnit(median(rates))} (${inOneUnit(Math.min(...rates))}–${inOneUnit(Math.max(...rates))})`;
}

function cpuOf(bytes: number, { runs }: Way): string {
  if (bytes < CPU_COUNTS_BYTES) return '–';
  const of = (usages: readonly Usage[]): string => {
    const each = median(usages.map(({ cpuSeconds }) => cpuSeconds)) / (bytes / GB);
    return Number.isNaN(each) ? '–' : each.toFixed(2);
  };
  return `${of(runs.map(({ sender }) => sender))} ${of(runs.map(({ recipient }) => recipient))}`;
}

function peaksOf(_bytes: number, { runs }: Way): string {
  const of = (usages: readonly Usage[]): string =>
    inMB(Math.max(...usages.map(({ peakRssBytes }) => peakRssBytes)));
  return `${of(runs.map(({ sender }) => sender))} ${of(runs.map(({ recipient }) => recipient))}`;
}

/** The medians over all runs of what was held at each point. */
function courseOf(_bytes: number, { runs }: Way): string {
  const of = (usages: readonly Usage[]): string => {
    const points = usages[0]?.rssBytes.map((_, point) =>
      inMB(median(usages.map(({ rssBytes }) => rssBytes[point] ?? Number.NaN))),
    );
    return (points ?? []).join(' ');
  };
  return `${of(runs.map(({ sender }) => sender))} | ${of(runs.map(({ recipient }) => recipient))}`;
}

function medianOrNone(values: readonly (number | undefined)[], digits: number): string {
  const known = values.flatMap((value) => value ?? []);
  return known.length === 0 ? '–' : median(known).toFixed(digits);
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
