import { CircuitRates } from '../../../../../src/session/circuits/circuit-rates.js';
import { type Strategy, worthwhile } from '../strategy.js';

const GAIN = 1.1;
const STEADY_MS = 1_000;
const SETTLE_MS = 3_000;
const HOPELESS_MS = 10_000;

/**
 * Eight, doubled up to sixteen while the whole becomes a tenth faster, or else given back; one that
 * carries less than a tenth of the median is replaced, at most every ten seconds. As before.
 */
export const doubling: Strategy = {
  name: 'doubling',
  ahead: () => 8,
  start: () => {
    const rates = new CircuitRates();
    let most = 8;
    let before: number | undefined;
    let isGrowing = true;
    let steadySince: number | undefined;
    let replacedAt = 0;
    return (sample) => {
      const { now, missing, streams } = sample;
      rates.note(sample);
      const wanted = worthwhile(most, sample);
      const isLate = (missing ?? Infinity) < rates.total * 5;
      steadySince = streams.length < wanted ? undefined : (steadySince ?? now);
      const steadyMs = now - (steadySince ?? now);
      if (isGrowing && steadyMs >= STEADY_MS && rates.total > 0 && !isLate) {
        if (before === undefined || rates.total >= before * GAIN) {
          isGrowing = most < 16;
          if (isGrowing) before = rates.total;
          most = 16;
          steadySince = undefined;
        } else if (steadyMs >= SETTLE_MS) {
          isGrowing = false;
          most = 8;
        }
      }
      const surplus = streams.length > most ? streams.at(-1) : undefined;
      if (surplus !== undefined) return { wanted: most, dropped: [surplus.number] };
      const each = rates.each;
      const [worst] = each;
      const median = each[Math.floor(each.length / 2)]?.rate ?? 0;
      const isHopeless =
        worst !== undefined && worst.ageMs > HOPELESS_MS && worst.rate < median / 10;
      if (!isHopeless || isLate || now - replacedAt < HOPELESS_MS) return { wanted, dropped: [] };
      replacedAt = now;
      return { wanted, dropped: [worst.number] };
    };
  },
};
