import { createHash, randomBytes } from 'node:crypto';
import type { RelayClient } from '../../src/relay-protocol/relay-client.js';
import type { ParticipantId } from '../../src/relay-protocol/wire.js';
import type { LoadedFleet } from './loaded-fleet.js';

export interface Answered {
  readonly one: RelayClient;
  readonly other: RelayClient;
  readonly channel: string;
  readonly uuid: ParticipantId;
  readonly far: ParticipantId;
  readonly h_k: string;
}

export const nonce = (): string => randomBytes(16).toString('base64url');
export const share = (): string => randomBytes(33).toString('base64url');
/** As two words are, which anybody could guess. */
export const channelName = (): string => `${randomBytes(6).toString('hex')}-name`;

/** Two participants, each with a client of its own, as two programs have, of whom one has answered. */
export async function answer(fleet: LoadedFleet): Promise<Answered> {
  const [one, other] = [fleet.client(), fleet.client()];
  const channel = channelName();
  const { uuid } = await one.join({ role: 'sender', nonce: nonce(), channel });
  await one.channel({ channel, uuid, attempt: 1, x: share() });
  const { uuid: far } = await other.join({ role: 'recipient', nonce: nonce(), channel });
  const key = randomBytes(32);
  const h_k = key.toString('base64url');
  const hh_k = createHash('sha256').update(key).digest('base64url');
  await other.channel({ channel, uuid: far, y: share(), hh_k });
  return { one, other, channel, uuid, far, h_k };
}

/** Eight requests; nine where the recipient is led to another backend. */
export async function meet(fleet: LoadedFleet): Promise<void> {
  const { one, other, channel, uuid, far, h_k } = await answer(fleet);
  await one.channel({ channel, uuid, attempt: 1, h_k, busy: true });
  await other.channel({ channel, uuid: far });
  await other.channel({ channel, uuid: far, close: true });
  await one.channel({ channel, uuid, close: true });
  await Promise.all([one.close(), other.close()]);
}

/** Does `work` `count` times, so many at once. */
export async function inParallel(
  count: number,
  atOnce: number,
  work: (n: number) => Promise<void>,
): Promise<void> {
  let begun = 0;
  const one = async (): Promise<void> => {
    while (begun < count) await work(begun++);
  };
  await Promise.all(Array.from({ length: Math.min(count, atOnce) }, one));
}
