import { DEFAULT_CURVE } from '../../../src/pake/curves/curve-name.js';
import type { RelayAccess } from '../../../src/relay/access.js';
import type { Meeting } from '../../../src/transfer/meeting/meeting.js';
import { recipientReunion } from '../../../src/transfer/meeting/recipient-reunion.js';
import type { Met, Reunion } from '../../../src/transfer/meeting/reunion.js';
import { senderReunion } from '../../../src/transfer/meeting/sender-reunion.js';
import { ONION } from './parties.js';

export interface Side {
  readonly met: Met;
  readonly reunion: Reunion;
}

/** What a transfer is given of a sender's first meeting. */
export function senderSide(access: RelayAccess, meeting: Meeting): Side {
  return { met: { meeting, generation: 0 }, reunion: senderReunion(optionsOf(access, meeting)) };
}

export function recipientSide(access: RelayAccess, meeting: Meeting): Side {
  return { met: { meeting, generation: 0 }, reunion: recipientReunion(optionsOf(access, meeting)) };
}

function optionsOf(access: RelayAccess, { keys }: Meeting) {
  return {
    access,
    onion: ONION,
    curve: DEFAULT_CURVE,
    resumption: keys.resumption,
    generation: 0,
  } as const;
}
