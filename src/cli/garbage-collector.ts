import { setFlagsFromString } from 'node:v8';

/**
 * Has V8 mark the heap when that is full, and not ahead of it.
 *
 * Each frame leaves a buffer outside the heap, which dies young. V8 counts those as growth of a heap
 * that is small, and so marks all of it for every 15 MB that pass: a third of the processor time of
 * a transfer, for nothing (1 GiB without Tor: 131 collections of the recipient, with this none).
 */
export function collectWhenFull(): void {
  setFlagsFromString('--no-incremental-marking');
}
