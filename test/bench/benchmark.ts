import type { Usage } from './processes/report.js';

export interface BenchmarkOptions {
  /** Bytes of the file that is carried; each benchmark has its own default. */
  readonly bytes?: number | undefined;
  /** Runs of each way, one after the other in turn. */
  readonly runs?: number | undefined;
  /** Where files are read and written. */
  readonly directory?: string | undefined;
  /** Where each process writes a CPU profile, if anywhere. */
  readonly profiles?: string | undefined;
  readonly signal: AbortSignal;
  /** Tells what is going on meanwhile. */
  readonly say: (what: string) => void;
}

export interface Benchmark {
  readonly name: string;
  run(options: BenchmarkOptions): Promise<BenchmarkResult>;
}

export interface BenchmarkResult {
  readonly benchmark: string;
  readonly bytes: number;
  readonly directory: string;
  /** Between which moments the seconds are counted, a sentence. */
  readonly counted: string;
  readonly ways: readonly Way[];
  readonly ratios: readonly Ratio[];
}

/** One way to carry the file. */
export interface Way {
  readonly name: string;
  readonly runs: readonly Run[];
}

export interface Run {
  readonly seconds: number;
  /** From the same start to the other side's first word; undefined where nothing tells. */
  readonly firstByteSeconds?: number;
  /** Load of the machine over the last minute, when the run began. */
  readonly load: number;
  readonly sender: Usage;
  readonly recipient: Usage;
}

/** How one way's median rate compares with another's. */
export interface Ratio {
  readonly name: string;
  readonly value: number;
  /** What it has to be at least, if anything. */
  readonly required?: number;
}

/** `one`'s median rate over `other`'s. */
export function ratioOf(
  ways: readonly Way[],
  one: string,
  other: string,
  required?: number,
): Ratio {
  const seconds = (name: string): number =>
    median(ways.find((way) => way.name === name)?.runs.map((run) => run.seconds) ?? []);
  const value = seconds(other) / seconds(one);
  return { name: `${one} / ${other}`, value, ...(required !== undefined && { required }) };
}

/** Bytes per second in the median run. */
export function medianRate(bytes: number, { runs }: Way): number {
  return bytes / median(runs.map(({ seconds }) => seconds));
}

/** The same, but only from the other side's first word on. */
export function medianContentRate(bytes: number, { runs }: Way): number {
  return bytes / median(runs.map((run) => run.seconds - (run.firstByteSeconds ?? 0)));
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
