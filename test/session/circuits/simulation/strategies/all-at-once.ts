import type { Strategy } from '../carry.js';

const MIB = 1024 * 1024;

/** As many from the start, and never another. */
export function allAtOnce(circuits: number): Strategy {
  return {
    name: `all ${circuits}`,
    ahead: ({ bytes }) => Math.min(circuits, Math.ceil(bytes / MIB)),
    start: () => (sample) => ({
      wanted: Math.min(circuits, Math.max(1, Math.ceil((sample.missing ?? Infinity) / MIB), sample.streams.length)),
      drop: [],
    }),
  };
}
