/** Multiples of a curve's generator are looked up in a table, which is made at the first use. */
interface Generator {
  precompute(windowBits: number, isLazy?: boolean): unknown;
}

/**
 * Makes the table that later multiplications look up a small one: 0.03 s instead of 0.07 s, which
 * everybody waits for, and up to half a millisecond more for each multiplication. Most programs
 * make two or three.
 */
export function keepTableSmall(generator: Generator): void {
  generator.precompute(4);
}
