import type { PrivateNetworkOptions, RelayOptions } from '../../../src/private-network/options.js';

/** How clients choose among the relays. */
export type Weights = 'equal' | 'by-rate';

export function parseWeights(text: string): Weights {
  if (text === 'equal' || text === 'by-rate') return text;
  throw new Error(`weights are equal or by-rate, not ${text}`);
}

/** What relays the benchmarks of pages go through: alike and far, or unlike. */
export type PageProfile = 'wan' | 'real';

export function parsePageProfile(text: string): PageProfile {
  if (text === 'wan' || text === 'real') return text;
  throw new Error(`a profile is wan or real, not ${text}`);
}

/** Of each directory authority, in kB/s; only these are guards. */
const AUTHORITY_KB = 12_000;

/** Of the other relays, in kB/s: few carry much and many little, as it is among volunteers'. */
const RELAY_KB = [
  300, 500, 800, 1200, 2000, 3000, 600, 1000, 400, 1500, 2500, 700, 900, 350, 1800, 4000, 1100, 450,
  1300, 2200, 550, 850, 1600, 3500,
] as const;

const DELAY_LEAST_MS = 10;
const DELAY_MOST_MS = 80;
/** Shares no factor with the number of delays, so that neighbours differ and none comes twice. */
const DELAY_STEP_MS = 29;

/**
 * What each relay of the profile is.
 *
 * A relay's rate stands for what it has left for one more user. Directory authorities give a relay
 * the weight of what it can carry, so that all of its users together fill a slow relay as they fill
 * a fast one: what is left says little about how likely a relay is to be chosen. That is why all
 * weights are equal unless asked. By rate, a client meets a slow relay more rarely than it would.
 */
export function unlikeRelays(weights: Weights): {
  readonly authority: RelayOptions;
  readonly relays: readonly RelayOptions[];
} {
  const relay = (kilobytes: number): RelayOptions => ({
    rateBytes: kilobytes * 1000,
    ...(weights === 'by-rate' && { weight: kilobytes }),
  });
  return { authority: relay(AUTHORITY_KB), relays: RELAY_KB.map(relay) };
}

/** Of the link into a relay, one way; the same in every network. */
export function delayOf({ nickname }: { readonly nickname: string }): number {
  const number = Number(nickname.slice(1)) + (nickname.startsWith('a') ? RELAY_KB.length : 0);
  return DELAY_LEAST_MS + ((number * DELAY_STEP_MS) % (DELAY_MOST_MS - DELAY_LEAST_MS + 1));
}

/** A private network of such relays, as benchNetwork starts it. */
export function unlikeNetwork(weights: Weights): ReturnType<typeof unlikeRelays> & {
  readonly guards: NonNullable<PrivateNetworkOptions['guards']>;
  readonly delayOf: typeof delayOf;
  readonly about: string;
} {
  const { authority, relays } = unlikeRelays(weights);
  const about = `${relays.length} unlike relays behind three guards`;
  return { authority, relays, guards: 'authorities', delayOf, about };
}
