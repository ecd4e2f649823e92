import { type BenchmarkResult, median, medianRate, type Way } from '../benchmark.js';

/** A rate at a number of circuits. */
export interface Point {
  readonly circuits: number;
  /** MB/s, the median of all runs. */
  readonly rate: number;
  readonly least: number;
  readonly most: number;
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
  readonly torget: Point | undefined;
}

const MB = 1e6;

/** One profile's result: of the content that most ways carried, the largest of those. */
export function resultOf(
  results: readonly BenchmarkResult[],
  profile: string,
): BenchmarkResult | undefined {
  return results
    .filter(({ benchmark }) => benchmark === profile)
    .sort((one, other) => other.ways.length - one.ways.length || other.bytes - one.bytes)[0];
}

export function curvesOf(results: readonly BenchmarkResult[], profile: string): Curves | undefined {
  const result = resultOf(results, profile);
  if (result === undefined) return undefined;
  const { bytes, content, ways } = result;
  const points = (pattern: RegExp): Point[] =>
    ways
      .flatMap((way) => {
        const match = pattern.exec(way.name);
        if (match === null) return [];
        const rates = way.runs.map(({ seconds }) => bytes / seconds / MB);
        const circuits = Number(match[1] ?? circuitsOf(way));
        const [least, most] = [Math.min(...rates), Math.max(...rates)];
        return { circuits, rate: medianRate(bytes, way) / MB, least, most };
      })
      .sort((one, other) => one.circuits - other.circuits);
  return {
    profile,
    content,
    told: points(/^ferry-(\d+)$/),
    plain: points(/^(?:plain|ranges-(\d+))$/),
    byItself: points(/^default$/)[0],
    onionShare: points(/^onionshare$/)[0],
    torget: points(/^torget$/)[0],
  };
}

function circuitsOf({ runs }: Way): number {
  return median(runs.map(({ circuits = 1 }) => circuits));
}
