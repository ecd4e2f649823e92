import { CircuitRates } from '../../../../../src/session/circuits/circuit-rates.js';
import { type Strategy, worthwhile } from '../strategy.js';

const EVERY_MS = 30_000;

/** Twenty circuits, the slowest replaced every thirty seconds, whatever it carries (as torget does). */
export const slowestAtTimes: Strategy = {
  name: 'slowest at times',
  ahead: ({ bytes }) => Math.min(20, Math.ceil(bytes / 2 ** 20)),
  start: () => {
    const rates = new CircuitRates();
    let nextAt = EVERY_MS;
    return (sample) => {
      rates.note(sample);
      const wanted = worthwhile(20, sample);
      const [slowest] = rates.each;
      if (sample.now < nextAt || slowest === undefined) return { wanted, dropped: [] };
      nextAt = sample.now + EVERY_MS;
      return { wanted, dropped: [slowest.number] };
    };
  },
};
