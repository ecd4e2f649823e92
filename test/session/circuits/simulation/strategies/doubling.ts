import { CircuitCount } from './trials-only.js';
import type { Strategy } from '../carry.js';

export const doubling: Strategy = {
  name: 'doubling',
  ahead: ({ bytes, dialMs }) => (bytes >= 64 * 1024 * 1024 && dialMs > 1500 ? 24 : 8),
  start: ({ dialMs }) => {
    const count = new CircuitCount(undefined, dialMs);
    return (sample) => {
      const { wanted, hopeless } = count.decide(sample);
      return { wanted, drop: hopeless === undefined ? [] : [hopeless] };
    };
  },
};
