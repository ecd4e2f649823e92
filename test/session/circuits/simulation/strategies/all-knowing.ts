import { type Flow, fairShares } from '../fair-share.js';
import { type Strategy, worthwhile } from '../strategy.js';

const EVERY_MS = 1_000;
/** By how much the rest must carry more, as a part of what it carries. */
const GAIN = 1.002;

/**
 * The most that choosing could bring: knows every relay of every circuit and its rate at present, and
 * drops those without which the others carry more, because they go through two full relays.
 */
export const allKnowing: Strategy = {
  name: 'all-knowing',
  ahead: ({ bytes }) => Math.min(32, Math.ceil(bytes / 2 ** 20)),
  start: () => {
    let nextAt = EVERY_MS;
    return (sample) => {
      const wanted = worthwhile(32, sample);
      const dropped: number[] = [];
      if (sample.now < nextAt) return { wanted, dropped };
      nextAt = sample.now + EVERY_MS;
      const flows = new Map([...sample.flows].map(([number, flow]) => [number, endless(flow)]));
      for (;;) {
        const worst = inTheWay(flows);
        if (worst === undefined) return { wanted, dropped };
        flows.delete(worst);
        dropped.push(worst);
      }
    };
  },
};

function endless({ path, weight }: Pick<Flow, 'path' | 'weight'>): Flow {
  return { path, demand: Infinity, ...(weight !== undefined && { weight }) };
}

function inTheWay(flows: ReadonlyMap<number, Flow>): number | undefined {
  let most = carried([...flows.values()]) * GAIN;
  let found: number | undefined;
  for (const number of flows.keys()) {
    const without = carried(
      [...flows].filter(([other]) => other !== number).map(([, flow]) => flow),
    );
    if (without <= most) continue;
    most = without;
    found = number;
  }
  return found;
}

function carried(flows: readonly Flow[]): number {
  return fairShares(flows).reduce((sum, share) => sum + share, 0);
}
