import { DEFAULT_CURVE } from '../../../src/pake/curves/curve-name.js';
import type { RelayClient } from '../../../src/relay-protocol/relay-client.js';
import type { Primitives } from '../../../src/session/conversation/primitives.js';
import type { Meeting } from '../../../src/session/meeting/meeting.js';
import { recipientReconnect } from '../../../src/session/reconnecting/recipient-reconnect.js';
import type { Met, Reconnect } from '../../../src/session/reconnecting/reconnect.js';
import { senderReconnect } from '../../../src/session/reconnecting/sender-reconnect.js';
import { nodePrimitives } from '../../../src/transfer/node-primitives.js';
import { ONION } from './parties.js';

export interface Side {
  readonly met: Met;
  readonly reconnect: Reconnect;
  readonly primitives: Primitives;
}

/** What a transfer is given of a sender's first meeting. */
export function senderSide(access: RelayClient, meeting: Meeting): Side {
  return {
    met: { meeting, generation: 0 },
    reconnect: senderReconnect(optionsOf(access, meeting)),
    primitives: nodePrimitives,
  };
}

export function recipientSide(access: RelayClient, meeting: Meeting): Side {
  return {
    met: { meeting, generation: 0 },
    reconnect: recipientReconnect(optionsOf(access, meeting)),
    primitives: nodePrimitives,
  };
}

function optionsOf(access: RelayClient, { keys }: Meeting) {
  return {
    relay: access,
    primitives: nodePrimitives,
    onion: ONION,
    curve: DEFAULT_CURVE,
    resumption: keys.resumption,
    generation: 0,
  } as const;
}
