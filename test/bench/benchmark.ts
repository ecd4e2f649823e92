import type { Content } from './content.js';
import type { Usage } from './processes/report.js';
import type { PageProfile, Weights } from './real/relays.js';

export interface BenchmarkOptions {
  /** What is carried; each benchmark has its own default, and some take only the first. */
  readonly contents?: readonly Content[] | undefined;
  /** Which ways to carry it, of those that the benchmark knows. */
  readonly ways?: readonly string[] | undefined;
  /** Runs of each way, one after the other in turn. */
  readonly runs?: number | undefined;
  /** Of every link of the private Tor network, one way; each benchmark has its own default. */
  readonly delayMs?: number | undefined;
  /** Of pages; default wan. */
  readonly profile?: PageProfile | undefined;
  /** How clients choose among unlike relays; default equal. */
  readonly weights?: Weights | undefined;
  /** Seconds between two changes of a network that changes, on average; 0 for none. */
  readonly changesEvery?: number | undefined;
  /** Where files are read and written. */
  readonly directory?: string | undefined;
  /** The main file of another build, to run beside this one. */
  readonly beside?: string | undefined;
  /** Where each process writes a CPU profile, if anywhere. */
  readonly profiles?: string | undefined;
  /** Where the `real` profile writes what its tors tell of their circuits, if anywhere. */
  readonly trace?: string | undefined;
  readonly signal: AbortSignal;
  /** Reports what is happening. */
  readonly say: (what: string) => void;
}

export interface Benchmark {
  readonly name: string;
  /** What it compares, in a few words. */
  readonly about: string;
  run(options: BenchmarkOptions): AsyncIterable<BenchmarkResult>;
}

export interface BenchmarkResult {
  readonly benchmark: string;
  /** What was carried, by its name. */
  readonly content: string;
  readonly bytes: number;
  readonly directory: string;
  /** Between which moments the seconds are counted, a sentence. */
  readonly counted: string;
  readonly ways: readonly Way[];
  readonly measures: readonly Measure[];
}

/** One way to carry the file. */
export interface Way {
  readonly name: string;
  readonly runs: readonly Run[];
  /** How many more runs there were in which not everything arrived. */
  readonly failed?: number;
}

export interface Run {
  readonly seconds: number;
  /** From the same start to the other side's first word; undefined where nothing tells. */
  readonly firstByteSeconds?: number;
  /** From the first byte of content to the last, where the way tells. */
  readonly contentSeconds?: number;
  /** Bytes a second that what the two tors drew can carry, where anything limits it. */
  readonly bound?: number;
  /** Circuits that were in use at last, where the way tells. */
  readonly circuits?: number;
  /** Load of the machine over the last minute, when the run began. */
  readonly load: number;
  readonly sender: Usage;
  readonly recipient: Usage;
  /** CPU seconds of other processes that take part, by what they are. */
  readonly others?: Readonly<Record<string, number>>;
}

/** What is said of the ways together, and what it has to be. */
export interface Measure {
  readonly name: string;
  readonly value: number;
  /** None: a ratio. */
  readonly unit?: string;
  /** What it has to be at least. */
  readonly required?: number | undefined;
  /** What it may be at most. */
  readonly allowed?: number | undefined;
}

/** `one`'s median rate over `other`'s; nothing if one of them did not run. */
export function rateRatio(
  ways: readonly Way[],
  one: string,
  other: string,
  required?: number,
): Measure[] {
  const seconds = (name: string): number => medianOf(ways, name, (run) => run.seconds);
  const value = seconds(other) / seconds(one);
  return Number.isNaN(value) ? [] : [{ name: `${one} / ${other}`, value, required }];
}

/** `one`'s median time to the first byte over `other`'s; nothing if one of them did not run. */
export function firstByteRatio(
  ways: readonly Way[],
  one: string,
  other: string,
  allowed?: number,
): Measure[] {
  const seconds = (name: string): number =>
    medianOf(ways, name, (run) => run.firstByteSeconds ?? Number.NaN);
  const value = seconds(one) / seconds(other);
  const name = `${one} / ${other}, seconds to the first byte`;
  return Number.isNaN(value) ? [] : [{ name, value, allowed }];
}

function medianOf(ways: readonly Way[], name: string, value: (run: Run) => number): number {
  return median(ways.find((way) => way.name === name)?.runs.map(value) ?? []);
}

/** Bytes per second in the median run. */
export function medianRate(bytes: number, { runs }: Pick<Way, 'runs'>): number {
  return bytes / median(runs.map(({ seconds }) => seconds));
}

/**
 * Bytes a second between the first byte of content and the last; where no way tells, from the other
 * side's first word on.
 */
export function innerRate(
  bytes: number,
  { seconds, firstByteSeconds = 0, contentSeconds }: Run,
): number {
  return bytes / (contentSeconds ?? seconds - firstByteSeconds);
}

/** NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
