import { innerRate, type Measure, median, type Run, type Way } from '../benchmark.js';
import { DEFAULT, PLAIN } from '../ways/named.js';

/** From here on it counts what the circuits carry; below, how soon they are there. */
const LARGE_BYTES = 50e6;
const OF_BOUND = 0.7;
const WORST_OF_BOUND = 0.5;
const TIMES_QUEUE = 1.5;
const TIMES_PLAIN = 3;
const WORST_TIMES_PLAIN = 1.2;
const SMALL_TIMES_PLAIN = 1;

/** What onionferry by itself has to carry, against what the relays can and what others do. */
export function measuresOf(ways: readonly Way[], bytes: number, queue: string): Measure[] {
  const runsOf = (name: string): readonly Run[] =>
    ways.find((way) => way.name === name)?.runs ?? [];
  const ferry = runsOf(DEFAULT);
  const isLarge = bytes >= LARGE_BYTES;
  const large = (required: number): number | undefined => (isLarge ? required : undefined);
  const ofBound = ferry.map((run) => innerRate(bytes, run) / (run.bound ?? Number.NaN));
  const inner = (runs: readonly Run[]): number[] => runs.map((run) => innerRate(bytes, run));
  const whole = (runs: readonly Run[]): number[] => runs.map(({ seconds }) => bytes / seconds);
  const plain = runsOf(PLAIN);
  const measures: Measure[] = [
    { name: `${DEFAULT} of the bound, median`, value: median(ofBound), required: large(OF_BOUND) },
    {
      name: `${DEFAULT} of the bound, worst`,
      value: Math.min(...ofBound),
      required: large(WORST_OF_BOUND),
    },
    {
      name: `${DEFAULT} / ${queue}, first to last byte`,
      value: median(inner(ferry)) / median(inner(runsOf(queue))),
      required: large(TIMES_QUEUE),
    },
    {
      name: `${DEFAULT} / ${PLAIN}, first to last byte`,
      value: median(inner(ferry)) / median(inner(plain)),
      required: large(TIMES_PLAIN),
    },
    {
      name: `worst ${DEFAULT} / median ${PLAIN}, first to last byte`,
      value: Math.min(...inner(ferry)) / median(inner(plain)),
      required: large(WORST_TIMES_PLAIN),
    },
    {
      name: `${DEFAULT} / ${PLAIN}, whole`,
      value: median(whole(ferry)) / median(whole(plain)),
      required: isLarge ? undefined : SMALL_TIMES_PLAIN,
    },
  ];
  return measures.filter(({ value }) => Number.isFinite(value));
}
