import { onTestFinished } from 'vitest';
import { CircuitTries } from '../../../src/onion-http/circuit-tries.js';
import { DEFAULT_RELAY_LIMITS, type RelayLimits } from '../../../src/relay/limits.js';
import { Registry } from '../../../src/relay/server/registry.js';
import type { JoinReply, ParticipantId, SenderState } from '../../../src/relay-protocol/wire.js';
import { confirmation, nonce, share } from '../support/running-relay.js';

/** A registry whose clock the test moves. */
export class Clockwork {
  now = 0;
  readonly registry: Registry;
  /** Circuits of answers that senders have refused: here the first shuts its circuit out. */
  readonly refused: number[] = [];

  constructor(limits: Partial<RelayLimits> = {}) {
    const all = { ...DEFAULT_RELAY_LIMITS, ...limits };
    const tries = new CircuitTries({ ...all, authenticationFailures: 1 }, () => this.now);
    tries.whenShut((circuit) => this.refused.push(circuit));
    this.registry = new Registry({ limits: all, now: () => this.now, tries });
    onTestFinished(() => this.registry.close());
  }

  open(channel?: string): JoinReply {
    return this.registry.join({
      role: 'sender',
      nonce: nonce(),
      ...(channel !== undefined && { channel }),
    });
  }

  pass(ms: number): void {
    this.now += ms;
    this.registry.sweep();
  }
}

/** Makes a pair in a sender's channel. @returns its two participants */
export async function pairUp(
  registry: Registry,
  { channel, uuid }: JoinReply,
  attempt = 1,
): Promise<{ own: ParticipantId; recipient: ParticipantId }> {
  const { h_k, hh_k } = confirmation();
  await registry.request({ channel, uuid, attempt, x: share() });
  const { uuid: recipient } = registry.join({ role: 'recipient', nonce: nonce(), channel });
  await registry.request({ channel, uuid: recipient, y: share(), hh_k });
  // A sender's request is answered so.
  const state = (await registry.request({ channel, uuid, attempt, h_k })) as SenderState;
  return { own: state.attempts.at(-1)?.participant ?? uuid, recipient };
}
