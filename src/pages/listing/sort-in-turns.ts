import { nextTurn } from '../../disk/small-file.js';

/** Sorted or merged in one turn of the event loop, a millisecond or two */
const A_TURN = 1_024;

/**
 * Sorts as `Array.sort` does, in many turns of the event loop, so that a long list holds up nobody.
 *
 * @param aTurn items in one turn; more than by default where a comparison costs next to nothing
 */
export async function sortInTurns<T>(
  items: readonly T[],
  compare: (a: T, b: T) => number,
  aTurn: number = A_TURN,
): Promise<T[]> {
  let runs: T[][] = [];
  for (let start = 0; start < items.length; start += aTurn) {
    runs.push(items.slice(start, start + aTurn).sort(compare));
    await nextTurn();
  }
  while (runs.length > 1) {
    const merged: T[][] = [];
    for (let index = 0; index < runs.length; index += 2) {
      merged.push(await merge(runs[index] ?? [], runs[index + 1] ?? [], compare, aTurn));
    }
    runs = merged;
  }
  return runs[0] ?? [];
}

/** Of equal ones those of the first run come first. */
async function merge<T>(
  first: readonly T[],
  second: readonly T[],
  compare: (a: T, b: T) => number,
  aTurn: number,
): Promise<T[]> {
  const merged: T[] = [];
  let [inFirst, inSecond] = [0, 0];
  while (inFirst < first.length && inSecond < second.length) {
    // Both indices are below the lengths.
    const [a, b] = [first[inFirst] as T, second[inSecond] as T];
    if (compare(a, b) <= 0) {
      merged.push(a);
      inFirst++;
    } else {
      merged.push(b);
      inSecond++;
    }
    if (merged.length % aTurn === 0) await nextTurn();
  }
  for (; inFirst < first.length; inFirst++) merged.push(first[inFirst] as T);
  for (; inSecond < second.length; inSecond++) merged.push(second[inSecond] as T);
  return merged;
}
