import { Refusal, type WireCode } from '../../relay-protocol/refusal.js';
import {
  type AttemptPhase,
  type ChannelState,
  type ParticipantId,
  type RecipientState,
  STREAM_NUMBERS,
} from '../../relay-protocol/wire.js';
import { UsedNumbers } from './numbers.js';

/** A channel or a pair, each of whose participants has a view of it. */
export interface Viewed {
  has(id: ParticipantId): boolean;
  /** @throws Refusal if it has no such participant */
  state(id: ParticipantId): ChannelState;
  /** What a participant that is gone is told when that happens. */
  endingOf(id: ParticipantId): WireCode;
}

/** What sender and recipients have in common. */
interface Participant {
  readonly id: ParticipantId;
  /** Counts the changes that others have made to this participant's view. */
  revision: number;
}

/** The sender in its channel */
export interface Sender extends Participant {
  readonly role: 'sender';
  readonly nonce: string;
}

export interface Recipient extends Participant {
  readonly role: 'recipient';
  readonly nonce: string;
  /** The circuit that it joined through, where it is known */
  readonly circuit: number | undefined;
  readonly streams: UsedNumbers;
  /** When it joined, or got its attempt: silence counts from here. */
  silentSince: number;
  seenAt: number;
  /** Since when it has no connection, as far as that was noticed */
  goneSince: number | undefined;
  attempt: Attempt | undefined;
}

/** One X and what became of it; `phase` says which fields are set. */
export interface Attempt {
  readonly number: number;
  readonly x: string;
  phase: AttemptPhase;
  /** Whether the sender sees its answer: it is to be judged now. */
  isShown?: boolean;
  recipient?: Recipient;
  y?: string;
  hh_k?: string;
  h_k?: string;
}

/** Why the relay itself let a recipient go, before anybody has judged its answer. */
export type Dismissal = Extract<WireCode, 'channel-full' | 'too-many'>;

export function newSender(id: ParticipantId, nonce: string): Sender {
  return { role: 'sender', id, nonce, revision: 0 };
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
    goneSince: undefined,
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

/** Its answer, written once. @returns whether it is new. @throws Refusal already-written with another */
export function writeAnswer(attempt: Attempt, y: string, hh_k: string): boolean {
  if (attempt.y !== undefined) {
    if (attempt.y !== y || attempt.hh_k !== hh_k) throw new Refusal('already-written');
    return false;
  }
  attempt.y = y;
  attempt.hh_k = hh_k;
  return true;
}
