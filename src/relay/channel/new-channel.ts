import type { CircuitTries } from '../../onion-http/circuit-tries.js';
import type { CurveName } from '../../pake/curves/curve-name.js';
import type { ParticipantId } from '../../relay-protocol/wire.js';
import type { RelayLimits } from '../limits.js';
import type { Pair } from './pair.js';
import type { RecipientLimits } from './recipients.js';

export type ChannelLimits = RecipientLimits &
  Pick<
    RelayLimits,
    | 'shownAnswers'
    | 'postedAttempts'
    | 'pairs'
    | 'idleMs'
    | 'senderIdleMs'
    | 'senderGoneMs'
    | 'lifetimeMs'
  >;

export interface NewChannel {
  readonly name: string;
  readonly curve: CurveName;
  readonly sender: ParticipantId;
  readonly nonce: string;
  readonly limits: ChannelLimits;
  /** A name for the sender in a new pair */
  readonly newId: () => ParticipantId;
  /** Takes over a pair, as soon as there is one. */
  readonly onPair?: ((pair: Pair) => void) | undefined;
  /** Called before that. @throws Refusal relay-full */
  readonly admitPair?: (() => void) | undefined;
  /** Whether a participant has a connection, as far as that is known; default always */
  readonly isHere?: ((id: ParticipantId) => boolean) | undefined;
  /** Told of each answer that the sender refuses. */
  readonly onWrongAnswer?: (() => void) | undefined;
  /** Of circuits, in all channels of the relay; default in this one alone */
  readonly tries?: CircuitTries | undefined;
}
