import type { Path, Relay } from './network.js';

export interface Flow {
  readonly path: Path;
  /** The most that it would carry by itself, in bytes a second. */
  readonly demand: number;
  /** Rates rise in proportion to it, where relays are full; default 1. */
  readonly weight?: number;
}

/** What each flow carries where every relay shares its rate fairly (max-min), in bytes a second. */
export function fairShares(flows: readonly Flow[]): number[] {
  const shares = flows.map(() => 0);
  const open = new Set(flows.keys());
  const left = new Map<Relay, { rate: number; flows: number }>();
  for (const { path, weight = 1 } of flows) {
    for (const relay of path) {
      const at = left.get(relay) ?? { rate: relay.rate, flows: 0 };
      at.flows += weight;
      left.set(relay, at);
    }
  }
  while (open.size > 0) {
    // All rise together until the first relay is full, or the first flow has what it wants.
    let rise = Number.POSITIVE_INFINITY;
    for (const { rate, flows: count } of left.values()) {
      if (count > 1e-9) rise = Math.min(rise, rate / count);
    }
    for (const i of open) {
      const { demand = 0, weight = 1 } = flows[i] ?? {};
      rise = Math.min(rise, (demand - (shares[i] ?? 0)) / weight);
    }
    for (const i of open) shares[i] = (shares[i] ?? 0) + rise * (flows[i]?.weight ?? 1);
    for (const at of left.values()) at.rate -= rise * at.flows;
    const before = open.size;
    for (const i of open) {
      const flow = flows[i];
      if (flow === undefined) continue;
      const isFull = flow.path.some((relay) => (left.get(relay)?.rate ?? 0) <= 1);
      if (!isFull && flow.demand - (shares[i] ?? 0) > 1) continue;
      open.delete(i);
      for (const relay of flow.path) {
        const at = left.get(relay);
        if (at !== undefined) at.flows -= flow.weight ?? 1;
      }
    }
    if (open.size === before) break;
  }
  return shares;
}
