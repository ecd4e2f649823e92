import {
  type AttemptPhase,
  type ParticipantId,
  type RecipientState,
  STREAM_NUMBERS,
} from '../../relay-protocol/wire.js';
import { UsedNumbers } from './numbers.js';

/** What sender and recipients have in common. */
interface Participant {
  readonly id: ParticipantId;
  readonly nonce: string;
  /** Counts the changes that others have made to this participant's view. */
  revision: number;
  readonly streams: UsedNumbers;
}

export interface Sender extends Participant {
  readonly role: 'sender';
}

export interface Recipient extends Participant {
  readonly role: 'recipient';
  /** The circuit that it joined through, where it is known */
  readonly circuit: number | undefined;
  /** When it joined, or got its attempt: silence counts from here. */
  silentSince: number;
  seenAt: number;
  attempt: Attempt | undefined;
}

/** One X and what became of it; `phase` says which fields are set. */
export interface Attempt {
  readonly number: number;
  readonly x: string;
  phase: AttemptPhase;
  recipient?: Recipient;
  y?: string;
  hh_k?: string;
  h_k?: string;
}

export function newSender(id: ParticipantId, nonce: string): Sender {
  return { role: 'sender', id, nonce, revision: 0, streams: new UsedNumbers(STREAM_NUMBERS) };
}

export function newRecipient(
  id: ParticipantId,
  nonce: string,
  now: number,
  circuit: number | undefined,
): Recipient {
  return {
    role: 'recipient',
    id,
    nonce,
    circuit,
    revision: 0,
    streams: new UsedNumbers(STREAM_NUMBERS),
    silentSince: now,
    seenAt: now,
    attempt: undefined,
  };
}

/** A recipient is silent until it has written y; a silent one can be removed for another. */
export function isSilent({ attempt }: Recipient): boolean {
  return attempt === undefined || attempt.phase === 'joined';
}

export function stateForRecipient(recipient: Recipient, stapled: boolean): RecipientState {
  const { revision, attempt } = recipient;
  if (attempt === undefined) return { role: 'recipient', revision, phase: 'waiting', stapled };
  const { number, phase, x, h_k } = attempt;
  if (phase === 'posted') throw new Error('a posted attempt has no recipient');
  return {
    role: 'recipient',
    revision,
    phase,
    attempt: number,
    x,
    ...(h_k !== undefined && { h_k }),
    stapled,
  };
}
