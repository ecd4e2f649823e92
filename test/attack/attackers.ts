import { setMaxListeners } from 'node:events';
import type { TorEndpoint } from '../../src/tor/control/endpoint.js';
import type { Target } from './attack.js';
import { ATTACKS } from './attacks.js';

/** What the process of the attackers is told, as JSON in its first argument. */
export interface Orders {
  readonly attack: string;
  readonly target: Target;
  readonly socks: TorEndpoint;
  readonly circuits: number;
}

/** How often it tells what it has counted */
const TELL_EVERY_MS = 250;

// Written by main.ts, whose type is the same.
const orders = JSON.parse(process.argv[2] ?? '') as Orders;
const attack = ATTACKS.find(({ name }) => name === orders.attack);
if (attack === undefined) throw new Error(`there is no attack ${orders.attack}`);
const counted = new Map<string, number>();
const ending = new AbortController();
const { signal } = ending;
// Each connection of an attacker hears it.
setMaxListeners(0, signal);
process.once('disconnect', () => ending.abort());
const tell = (): void => {
  // It may be told to end at any moment.
  process.send?.(Object.fromEntries(counted), undefined, undefined, () => undefined);
};
const timer = setInterval(tell, TELL_EVERY_MS);
await attack
  .run({
    ...orders,
    signal,
    count: (what) => counted.set(what, (counted.get(what) ?? 0) + 1),
  })
  .catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
clearInterval(timer);
process.exit(0);
