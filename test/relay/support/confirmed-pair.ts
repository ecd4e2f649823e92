import type { RelayClient } from '../../../src/relay-protocol/relay-client.js';
import type { ParticipantId } from '../../../src/relay-protocol/wire.js';
import { confirmation, nonce, share } from './running-relay.js';

export interface Pair {
  readonly channel: string;
  /** In the pair; before the confirmation in the channel */
  sender: ParticipantId;
  readonly recipient: ParticipantId;
  /** Lets the sender confirm the recipient. */
  confirm(): Promise<void>;
}

/** A sender and a recipient that has answered. */
export async function answeredPair(access: RelayClient, channel = 'a-b'): Promise<Pair> {
  const pair = await joinedPair(access, channel);
  await pair.answer();
  return pair;
}

/** A sender and a recipient that has its attempt, and may answer. */
export async function joinedPair(
  access: RelayClient,
  channel = 'a-b',
): Promise<Pair & { answer(): Promise<void> }> {
  const sender = await access.join({ role: 'sender', nonce: nonce(), channel });
  await access.channel({ channel, uuid: sender.uuid, attempt: 1, x: share() });
  const recipient = await access.join({ role: 'recipient', nonce: nonce(), channel });
  const { h_k, hh_k } = confirmation();
  const pair = {
    channel,
    sender: sender.uuid,
    recipient: recipient.uuid,
    async answer(): Promise<void> {
      await access.channel({ channel, uuid: recipient.uuid, y: share(), hh_k });
    },
    async confirm(): Promise<void> {
      const state = await access.channel({ channel, uuid: sender.uuid, attempt: 1, h_k });
      if (state.role !== 'sender') throw new Error('the relay answered as if to a recipient');
      const own = state.attempts.find(({ attempt }) => attempt === 1)?.participant;
      if (own === undefined) throw new Error('the relay made no pair');
      pair.sender = own;
    },
  };
  return pair;
}

export async function confirmedPair(access: RelayClient, channel = 'a-b'): Promise<Pair> {
  const pair = await answeredPair(access, channel);
  await pair.confirm();
  return pair;
}
