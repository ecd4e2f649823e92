import { type BenchmarkResult, median, medianRate, type Way } from '../benchmark.js';

/** A rate at a number of circuits. */
export interface Point {
  readonly circuits: number;
  /** MB/s, the median of all runs. */
  readonly rate: number;
}

/** What one profile has shown. */
export interface Curves {
  readonly profile: string;
  /** What was carried. */
  readonly content: string;
  /** onionferry told how many circuits to use. */
  readonly told: readonly Point[];
  /** Plain HTTP, whole over one circuit and in ranges over more. */
  readonly plain: readonly Point[];
  /** onionferry left alone. */
  readonly byItself: Point | undefined;
  readonly onionShare: Point | undefined;
}

const MB = 1e6;

/** The curves of one profile: of the content that most ways carried, the largest of those. */
export function curvesOf(results: readonly BenchmarkResult[], profile: string): Curves | undefined {
  const [result] = results
    .filter(({ benchmark }) => benchmark === profile)
    .sort((one, other) => other.ways.length - one.ways.length || other.bytes - one.bytes);
  if (result === undefined) return undefined;
  const { bytes, content, ways } = result;
  const points = (pattern: RegExp): Point[] =>
    ways
      .flatMap((way) => {
        const match = pattern.exec(way.name);
        if (match === null) return [];
        return { circuits: Number(match[1] ?? circuitsOf(way)), rate: medianRate(bytes, way) / MB };
      })
      .sort((one, other) => one.circuits - other.circuits);
  return {
    profile,
    content,
    told: points(/^ferry-(\d+)$/),
    plain: points(/^(?:plain|ranges-(\d+))$/),
    byItself: points(/^default$/)[0],
    onionShare: points(/^onionshare$/)[0],
  };
}

function circuitsOf({ runs }: Way): number {
  return median(runs.map(({ circuits = 1 }) => circuits));
}
