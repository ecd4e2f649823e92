import { timestamp } from './keys.js';
import type { NodePlan } from './node-torrc.js';

/*
 * What the authorities of a real network measure over weeks. A new one is given it, so that its
 * relays are equal from the first second.
 */

/** More than the five days by which every authority calls a relay stable (dir-spec 3.4.2). */
const RUN_SECONDS = 30 * 24 * 60 * 60;

/**
 * A bandwidth file (bandwidth-file-spec, version 1.0.0) in which all relays are equally fast.
 * Without it, relays are chosen by what they have carried so far: for most nothing, for some a
 * first kilobyte, and every circuit would try to use those alone.
 */
export function bandwidthFile(plans: readonly NodePlan[], now: Date): string {
  const lines = plans.map(
    ({ keys, nickname }) => `node_id=$${keys.fingerprint} bw=10000 nick=${nickname}`,
  );
  return `${Math.floor(now.getTime() / 1000)}\n${lines.join('\n')}\n`;
}

/**
 * An authority's `router-stability` (tor's rephist.c, format 2), in which every relay has run for
 * long. Without it, a relay is stable if it has been up for at least the median, in whole seconds:
 * if one of five starts a second late, a client has only the other four for its second hops and can
 * build no circuit.
 */
export function stabilityFile(plans: readonly NodePlan[], now: Date): string {
  const since = new Date(now.getTime() - RUN_SECONDS * 1000);
  const relays = plans.map(
    ({ keys }) => `R ${keys.fingerprint}\n+MTBF ${RUN_SECONDS} 1.00000\n+WFU 0 0\n`,
  );
  return (
    `format 2\nstored-at ${timestamp(now)}\ntracked-since ${timestamp(since)}\n` +
    `data\n${relays.join('')}.\n`
  );
}
