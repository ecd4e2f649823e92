/**
 * The least search for a number that is free: where thousands are taken, it looks a few dozen times.
 *
 * @returns a free number whose predecessor, if it has one from 1 on, is taken
 */
export async function freeNumber(isTaken: (n: number) => Promise<boolean>): Promise<number> {
  let taken = 0;
  let free = 1;
  while (await isTaken(free)) {
    taken = free;
    free *= 2;
  }
  while (free - taken > 1) {
    const middle = Math.floor((taken + free) / 2);
    if (await isTaken(middle)) taken = middle;
    else free = middle;
  }
  return free;
}
