import { timestamp } from './keys.js';
import type { NodePlan } from './node-torrc.js';

/*
 * What authorities of a real network have measured over weeks, and those of a new one are given, so
 * that all its relays are equal from the first second on.
 */

/** More than the five days by which every authority calls a relay stable (dir-spec 3.4.2). */
const RUN_SECONDS = 30 * 24 * 60 * 60;

/**
 * A bandwidth file (bandwidth-file-spec, version 1.0.0) that calls all relays equally fast. Without
 * it each would be chosen by what it has carried so far: nothing, or for some a first kilobyte, and
 * then every circuit would try to use those alone.
 */
export function bandwidthFile(plans: readonly NodePlan[], now: Date): string {
  const lines = plans.map(
    ({ keys, nickname }) => `node_id=$${keys.fingerprint} bw=10000 nick=${nickname}`,
  );
  return `${Math.floor(now.getTime() / 1000)}\n${lines.join('\n')}\n`;
}

/**
 * An authority's `router-stability` (tor's rephist.c, format 2), by which every relay has run for
 * long. Without it those are called stable that have been up for at least the median, in whole
 * seconds; where one began a second late, the four others of five are all a client's second hops,
 * and no circuit is left that it could build.
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
