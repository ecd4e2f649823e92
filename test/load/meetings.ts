import { setTimeout as sleep } from 'node:timers/promises';
import { LoadedFleet, type Used } from './loaded-fleet.js';
import { inParallel, meet } from './meeting.js';

export interface MeetingsOptions {
  /** For each backend, in each round */
  readonly count: number;
  /** Begun in a second, for each backend */
  readonly rate: number;
  readonly rounds: number;
}

/** Of each backend, before anything is measured */
const WARM_UP = 500;
const WARM_UP_AT_ONCE = 32;

interface Round {
  /** Meetings for each CPU second, the store's included */
  readonly perSecond: number;
  readonly storeMs: number;
  readonly backendMs: number;
  /** That the store did for each meeting */
  readonly steps: number;
}

/** Relays that are compared, the first with the others. */
interface Measured {
  readonly fleet: LoadedFleet;
  readonly called: string;
  readonly rounds: Round[];
}

/**
 * What a meeting costs one relay, and three of them. What is compared are CPU seconds of relays and
 * store, by the system's count; those of the clients in this process are not. At each backend as many
 * meetings begin in a second as at the one alone. With as many at once instead, three would be asked by
 * clients that cannot ask three times as fast: each would wake for a request at a time, which is dearer
 * than the same request among others. Other work on the machine makes all of it dearer, so setups
 * take turns.
 */
export async function measureMeetings({ count, rate, rounds }: MeetingsOptions): Promise<void> {
  await using alone = await LoadedFleet.start(0);
  await using one = await LoadedFleet.start(1);
  await using three = await LoadedFleet.start(3);
  const measured: Measured[] = [
    { fleet: alone, called: 'one alone, without a store', rounds: [] },
    { fleet: one, called: 'one with a store', rounds: [] },
    { fleet: three, called: 'three with a store', rounds: [] },
  ];
  // What is compiled and opened once is not what a meeting costs.
  for (const { fleet } of measured) {
    await inParallel(fleet.backends.length * WARM_UP, WARM_UP_AT_ONCE, () => meet(fleet));
  }
  for (let round = 0; round < rounds; round++) {
    for (const { fleet, rounds: its } of measured) its.push(await oneRound(fleet, count, rate));
  }
  const first = measured[0]?.rounds ?? [];
  for (const { fleet, called, rounds: its } of measured) {
    const { length } = fleet.backends;
    const times = its.map((one, n) => (length * one.perSecond) / (first[n]?.perSecond ?? 0));
    const of = (what: keyof Round, digits: number): string =>
      spread(
        its.map((one) => one[what]),
        digits,
      );
    console.log(
      `${called}: ${of('perSecond', 0)} meetings for each CPU second, ${spread(times, 2)} times what one alone carries; a meeting takes ${of('backendMs', 2)} ms of the relays and ${of('storeMs', 3)} ms of the store, which does ${of('steps', 2)} steps`,
    );
  }
  console.log(
    `medians of ${String(rounds)} rounds in turns (least to most), ${String(count)} meetings for each backend in each, ${String(rate)} a second for each`,
  );
}

/** @param count of each backend, as `rate` */
async function oneRound(fleet: LoadedFleet, count: number, rate: number): Promise<Round> {
  const { length } = fleet.backends;
  const total = length * count;
  const [before, stepsBefore] = [await fleet.used(), await fleet.storeSteps()];
  const meetings: Promise<void>[] = [];
  const begunAt = performance.now();
  for (let n = 0; n < total; n++) {
    await sleep(Math.max(0, begunAt + (1000 * n) / (length * rate) - performance.now()));
    meetings.push(meet(fleet));
  }
  await Promise.all(meetings);
  const [after, stepsAfter] = [await fleet.used(), await fleet.storeSteps()];
  const backends = seconds(after.backends) - seconds(before.backends);
  const store = after.store.seconds - before.store.seconds;
  return {
    perSecond: total / (backends + store),
    backendMs: (1000 * backends) / total,
    storeMs: (1000 * store) / total,
    steps: (stepsAfter - stepsBefore) / total,
  };
}

function seconds(all: readonly Used[]): number {
  return all.reduce((sum, one) => sum + one.seconds, 0);
}

function spread(numbers: readonly number[], digits: number): string {
  const sorted = numbers.toSorted((a, b) => a - b);
  const at = (share: number): string =>
    (sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(digits);
  return `${at(0.5)} (${at(0)} to ${at(1)})`;
}
