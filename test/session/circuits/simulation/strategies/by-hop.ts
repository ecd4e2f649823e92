import {
  type CircuitRate,
  CircuitRates,
} from '../../../../../src/session/circuits/circuit-rates.js';
import { SETTLE_MS } from '../../../../../src/session/circuits/unfit-circuits.js';
import { type Strategy, worthwhile } from '../strategy.js';

const EVERY_MS = 1_000;
const AT_ONCE = 4;
const POOR_PART = 0.5;

/**
 * By the paths that the recipient's tor tells: of the second hop whose circuits carry least each,
 * some are replaced, so that more of them come to go through the others.
 */
export const byHop: Strategy = {
  name: 'by hop',
  ahead: ({ bytes }) => Math.min(32, Math.ceil(bytes / 2 ** 20)),
  start: () => {
    const rates = new CircuitRates();
    let nextAt = 0;
    return (sample) => {
      rates.note(sample);
      const wanted = worthwhile(32, sample);
      const settled = rates.each.filter(({ ageMs }) => ageMs >= SETTLE_MS);
      const isLate = (sample.missing ?? Infinity) < rates.total * 7;
      const room = AT_ONCE - (wanted - sample.streams.length);
      if (sample.now < nextAt || isLate || room <= 0) return { wanted, dropped: [] };
      const [poorest] = [...new Set(sample.hops.values())]
        .map((hop) => settled.filter(({ number }) => sample.hops.get(number) === hop))
        .filter((group) => group.length > 1)
        .sort((a, b) => mean(a) - mean(b));
      if (poorest === undefined || mean(poorest) > POOR_PART * mean(settled)) {
        return { wanted, dropped: [] };
      }
      nextAt = sample.now + EVERY_MS;
      const dropped = poorest.slice(0, Math.min(room, poorest.length - 1));
      return { wanted, dropped: dropped.map(({ number }) => number) };
    };
  },
};

function mean(circuits: readonly CircuitRate[]): number {
  return circuits.reduce((sum, { rate }) => sum + rate, 0) / circuits.length;
}
