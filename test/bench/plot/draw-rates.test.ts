import { expect, test } from 'vitest';
import type { BenchmarkResult, Way } from '../benchmark.js';
import { curvesOf } from './curves.js';
import { drawRates } from './draw-rates.js';

const BYTES = 100e6;

function way(name: string, rates: readonly number[], circuits = 1): Way {
  const usage = { cpuSeconds: 1, peakRssBytes: 1, rssBytes: [] };
  const runs = rates.map((rate) => ({ seconds: BYTES / (rate * 1e6), load: 0, circuits }));
  return { name, runs: runs.map((run) => ({ ...run, sender: usage, recipient: usage })) };
}

function result(benchmark: string, ways: readonly Way[]): BenchmarkResult {
  const where = { content: '100MB', bytes: BYTES, directory: '/tmp', counted: '' };
  return { benchmark, ...where, ways, measures: [] };
}

const LOOPBACK = result('loopback', [
  way('plain', [4, 5, 6]),
  way('ranges-16', [40], 16),
  way('ferry-8', [30]),
  way('ferry-1', [4.5]),
  way('default', [31], 12),
]);

test('a curve has the median of each way at its number of circuits, in order', () => {
  const curves = curvesOf([result('loopback', [way('default', [1])]), LOOPBACK], 'loopback');
  const rounded = (points: readonly { circuits: number; rate: number }[] = []): number[][] =>
    points.map(({ circuits, rate }) => [circuits, Math.round(rate * 10) / 10]);
  expect(rounded(curves?.plain)).toEqual([
    [1, 5],
    [16, 40],
  ]);
  expect(rounded(curves?.told)).toEqual([
    [1, 4.5],
    [8, 30],
  ]);
  expect(rounded([curves!.byItself!])).toEqual([[12, 31]]);
  expect(curves?.onionShare).toBeUndefined();
});

test('the plot is whole XML with a panel for each profile, and nothing that is no number', () => {
  const real = result('real', [way('plain', [0.7]), way('default', [3, 5, 4], 16)]);
  const svg = drawRates([LOOPBACK, { ...LOOPBACK, benchmark: 'wan' }, real]);
  expect(svg.match(/class="title"/g)).toHaveLength(3);
  // Of plain on two panels, and of onionferry by itself on the third.
  expect(svg.match(/class="spread"/g)).toHaveLength(3);
  expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  expect(svg.match(/<g[ >]/g)?.length).toBe(svg.match(/<\/g>/g)?.length);
  expect(svg).toMatch(/prefers-color-scheme: dark/);
});

test('what onionferry does by itself stands at the number of circuits that it took', () => {
  const at = (circuits: number): number => {
    const svg = drawRates([result('wan', [way('plain', [1]), way('default', [7], circuits)])]);
    return Number(/class="by-itself"[^]*?cx="([\d.]+)"/.exec(svg)?.[1]);
  };
  expect(at(8)).toBeGreaterThan(0);
  expect(at(16)).toBeGreaterThan(at(8));
  expect(at(24)).toBeGreaterThan(at(16));
});

test('without results of a profile there is nothing to draw', () => {
  expect(() => drawRates([{ ...LOOPBACK, benchmark: 'pipe' }])).toThrow('no results');
});
