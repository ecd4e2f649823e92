import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createIdentity } from '../../src/onion/identity.js';
import { createGuessLimit } from '../../src/session/meeting/guess-limit.js';
import type { Meeting } from '../../src/session/meeting/meeting.js';
import { meetAsRecipient } from '../../src/session/meeting/recipient-meeting.js';
import { openSenderChannel } from '../../src/session/meeting/sender-meeting.js';
import { nodePrimitives } from '../../src/transfer/node-primitives.js';
import { LoadedFleet } from './loaded-fleet.js';
import { channelName } from './meeting.js';
import { meetAgain } from './pair.js';

const ONION = createIdentity().address;
/** Senders that wait for somebody with their words from the beginning to the end */
const WAITING = 40;
/** What goes wrong, one after the other. The first backend is never killed: it is what is weighed. */
const FAULTS = ['backend', 'connections', 'store', 'connections'] as const;
const FAULT_EVERY_MS = 30_000;
const STORE_AWAY_MS = 5_000;
/** The system, and Node, take memory for a while before they give some back. */
const GROWTH_MAX_BYTES = 25_000_000;
/** A stream whose other side never comes is held for pairMs, and lingers for lingerMs. */
const SETTLE_MS = 100_000;

/**
 * Pairs that look for each other for so long, as two programs do, while a backend or the store is killed
 * and started again, or all connections break, which is what a relay sees of the end of its tor. What
 * the backend that stays holds is told ten times.
 */
export async function endure(minutes: number, atOnce: number): Promise<void> {
  await using fleet = await LoadedFleet.start(3);
  // Before anybody is there, as it has to be again when all have gone.
  const { descriptors: atRest } = await fleet.held();
  const until = performance.now() + minutes * 60_000;
  const failures = new Map<string, number>();
  const waiting = await Promise.all(Array.from({ length: WAITING }, () => waitWithWords(fleet)));
  let met = 0;
  const look = async (): Promise<void> => {
    while (performance.now() < until) {
      try {
        await meetAgain(fleet.client(), fleet.client());
        met++;
      } catch (error) {
        failures.set(String(error), (failures.get(String(error)) ?? 0) + 1);
      }
    }
  };
  const ending = new AbortController();
  const faults = breakThings(fleet, ending.signal);
  const weighed = weigh(fleet, minutes, () => met, ending.signal);
  await Promise.all(Array.from({ length: atOnce }, look));
  ending.abort();
  const told = await faults;
  const weights = await weighed;
  const found = await Promise.allSettled(waiting.map((one) => one.meetRecipient()));
  const refusals = await Promise.all(fleet.backends.map((backend) => fleet.counts(backend)));
  await fleet.hangUp();
  await sleep(SETTLE_MS);
  const rest = await fleet.held();
  const lost = found.filter(({ status }) => status === 'rejected').length;
  console.log(`${String(met)} pairs have met; faults: ${told.join(', ')}`);
  for (const [failure, times] of failures) console.log(`  ${String(times)} pairs: ${failure}`);
  console.log(`${String(WAITING - lost)} of ${String(WAITING)} who waited all the time were met`);
  for (const one of found) if (one.status === 'rejected') console.log(`  ${String(one.reason)}`);
  console.log(`refusals by reason, of each since its start: ${JSON.stringify(refusals)}`);
  const third = weights[Math.floor(weights.length / 3)];
  const last = weights.at(-1);
  const grown = (last ?? 0) - (third ?? 0);
  console.log(
    `the backend that stayed: ${(grown / 1e6).toFixed(1)} MB more at the end than after a third, ${String(rest.descriptors)} descriptors at rest (${String(atRest)} before)`,
  );
  const isGrown = grown > GROWTH_MAX_BYTES || rest.descriptors > atRest + 2;
  if (failures.size > 0 || lost > 0 || isGrown) process.exitCode = 1;
}

async function waitWithWords(
  fleet: LoadedFleet,
): Promise<{ meetRecipient(): Promise<[Meeting, Meeting]> }> {
  const words = randomBytes(12).toString('hex');
  const place = { onion: ONION, channel: channelName(), curve: 'p256', words } as const;
  const common = { primitives: nodePrimitives, ...place };
  const guesses = createGuessLimit();
  const channel = await openSenderChannel({ relay: fleet.client(), guesses, ...common });
  const met = channel.meet();
  met.catch(() => undefined);
  return {
    meetRecipient: () => Promise.all([met, meetAsRecipient({ relay: fleet.client(), ...common })]),
  };
}

/** @returns what it has broken */
async function breakThings(fleet: LoadedFleet, signal: AbortSignal): Promise<string[]> {
  const told = new Map<string, number>();
  for (let n = 0; ; n++) {
    await sleep(FAULT_EVERY_MS, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return [...told].map(([fault, times]) => `${String(times)} × ${fault}`);
    const fault = FAULTS[n % FAULTS.length] ?? 'connections';
    told.set(fault, (told.get(fault) ?? 0) + 1);
    const victim = fleet.backends[1];
    if (fault === 'connections') fleet.breakConnections();
    else if (fault === 'store') {
      await fleet.store?.kill();
      await sleep(STORE_AWAY_MS);
      await fleet.store?.start();
    } else if (victim !== undefined) {
      // It comes back behind the others, so that they take turns.
      await fleet.kill(victim);
      await fleet.add(victim.onion);
    }
  }
}

async function weigh(
  fleet: LoadedFleet,
  minutes: number,
  met: () => number,
  signal: AbortSignal,
): Promise<number[]> {
  const weights: number[] = [];
  for (let n = 1; !signal.aborted; n++) {
    await sleep(minutes * 6_000, undefined, { signal }).catch(() => undefined);
    const { bytes, descriptors } = await fleet.held();
    weights.push(bytes);
    console.log(
      `after ${(n * minutes * 0.1).toFixed(1)} min: ${String(met())} pairs, the backend that stays holds ${(bytes / 1e6).toFixed(1)} MB and ${String(descriptors)} descriptors`,
    );
  }
  return weights;
}
