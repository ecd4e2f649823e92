import { type Course, type ErrorCode, hasCourse, OnionferryError } from '../base/errors.js';
import type { AbortReason, AwayReason, Control } from './message.js';

/** The side of a transfer that says something. */
type Side = 'sender' | 'recipient';

const ABORT_REASONS: Partial<Record<ErrorCode, AbortReason>> = {
  ERR_INTERRUPTED: 'cancelled',
  ERR_REFUSED: 'refused',
  ERR_UNVERIFIED: 'unverified',
  ERR_SOURCE: 'source-unreadable',
  ERR_SOURCE_CHANGED: 'source-changed',
  ERR_DESTINATION: 'destination-failed',
  ERR_DISK_FULL: 'destination-full',
  ERR_DATA_DIRECTORY: 'destination-failed',
  ERR_TOO_LARGE: 'too-large',
  ERR_CONFLICT: 'destination-failed',
  ERR_HOSTILE_NAME: 'hostile-name',
  ERR_PROTOCOL: 'protocol',
  ERR_STREAM: 'tampered',
};

const AWAY_REASONS: Partial<Record<ErrorCode, AwayReason>> = {
  ERR_DISK_FULL: 'disk-full',
  ERR_DESTINATION: 'disk-failed',
  ERR_CONFLICT: 'disk-failed',
};

/** A sender lets a recipient go that has done nothing wrong. */
export class TurnedAway extends OnionferryError {
  readonly reason: 'taken' | 'undecided';

  /** @param message for this side's user */
  constructor(reason: TurnedAway['reason'], message: string) {
    super('ERR_INTERRUPTED', message);
    this.reason = reason;
  }
}

/** What the other side is told of an error that ends more than a connection. */
export function lastWordOf(error: unknown): Control {
  if (error instanceof TurnedAway) return { type: 'abort', reason: error.reason };
  const code = error instanceof OnionferryError ? error.code : 'ERR_INTERNAL';
  return hasCourse(error, 'resumable')
    ? { type: 'away', reason: AWAY_REASONS[code] ?? 'suspended' }
    : { type: 'abort', reason: ABORT_REASONS[code] ?? 'internal' };
}

const SENTENCES: Record<AbortReason, readonly [ErrorCode, string]> = {
  cancelled: ['ERR_PEER_GONE', 'the other side cancelled the transfer'],
  refused: ['ERR_REFUSED', 'the recipient declined the offer'],
  'source-changed': [
    'ERR_SOURCE_CHANGED',
    'a file changed on the sender’s side while it was being sent; ask for it again',
  ],
  'source-unreadable': ['ERR_PEER_GONE', 'the sender could not read what it had offered'],
  'destination-full': ['ERR_PEER_GONE', 'the recipient’s disk is full'],
  'destination-failed': ['ERR_PEER_GONE', 'the recipient could not write the files'],
  'hostile-name': ['ERR_REFUSED', 'the recipient refused a file name in the offer as unsafe'],
  protocol: [
    'ERR_PROTOCOL',
    'the other side did not understand this program; update onionferry on both sides',
  ],
  internal: ['ERR_PEER_GONE', 'the other side failed'],
  tampered: [
    'ERR_STREAM',
    'what was sent was changed on its way, again and again; the recipient kept nothing, so send it again, but not over the same relay',
  ],
  'too-large': [
    'ERR_REFUSED',
    'the recipient’s browser cannot hold so much at once; it was told of other ways to get it',
  ],
  taken: [
    'ERR_CHANNEL_FULL',
    'somebody else is receiving this; ask the sender to send it again, or to use --keep',
  ],
  undecided: [
    'ERR_PEER_GONE',
    'the sender has waited too long for an answer; receive again to see the offer once more',
  ],
  unverified: [
    'ERR_UNVERIFIED',
    'the other side was shown another phrase: somebody who knows the password may be between the two of you; use a new password, and pass it on by another way',
  ],
};

/** A sender has no destination: what it could not write is its own record of the transfer. */
const SENTENCES_OF_SENDER: Partial<Record<AbortReason, string>> = {
  'destination-full': 'the disk on the sender’s side is full',
  'destination-failed': 'the sender could not write to its own disk',
};

/** What the other side itself gave as its reason to end: no connection that could be mended. */
export class PeerAbort extends OnionferryError {
  readonly reason: AbortReason;

  /** @param from who said it, where the reason alone does not tell */
  constructor(reason: AbortReason, from?: Side) {
    const [code, sentence] = SENTENCES[reason];
    super(code, (from === 'sender' ? SENTENCES_OF_SENDER[reason] : undefined) ?? sentence);
    this.reason = reason;
  }

  override get course(): Course {
    return 'peer-ended';
  }
}

const ABSENCES: Record<AwayReason, (from: Side) => string> = {
  suspended: (from) => `the ${from} was interrupted and may come back`,
  'disk-full': (from) => `the disk on the ${from}’s side is full; it may come back with more room`,
  'disk-failed': (from) => `the ${from} cannot write to its disk now; it may come back`,
};

/** The other side has gone and keeps what it has: as if all connections to it had broken. */
export class PeerAway extends OnionferryError {
  readonly reason: AwayReason;

  constructor(reason: AwayReason, from: Side) {
    super('ERR_PEER_GONE', ABSENCES[reason](from));
    this.reason = reason;
  }
}
