import { type Course, type ErrorCode, OnionferryError } from '../base/errors.js';
import type { AbortReason } from './message.js';

const REASONS: Partial<Record<ErrorCode, AbortReason>> = {
  ERR_INTERRUPTED: 'cancelled',
  ERR_REFUSED: 'refused',
  ERR_SOURCE: 'source-unreadable',
  ERR_SOURCE_CHANGED: 'source-changed',
  ERR_DESTINATION: 'destination-failed',
  ERR_DISK_FULL: 'destination-full',
  ERR_TOO_LARGE: 'too-large',
  ERR_CONFLICT: 'destination-failed',
  ERR_HOSTILE_NAME: 'hostile-name',
  ERR_PROTOCOL: 'protocol',
  ERR_STREAM: 'tampered',
};

/** What the other side is told of an error here. */
export function reasonOf(error: unknown): AbortReason {
  return (error instanceof OnionferryError ? REASONS[error.code] : undefined) ?? 'internal';
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
    'what was sent was changed on its way; the recipient kept nothing of it',
  ],
  'too-large': [
    'ERR_REFUSED',
    'the recipient’s browser cannot hold so much at once; it was told of other ways to get it',
  ],
};

/** What the other side itself gave as its reason to end: no connection that could be mended. */
export class PeerAbort extends OnionferryError {
  readonly reason: AbortReason;

  constructor(reason: AbortReason) {
    const [code, sentence] = SENTENCES[reason];
    super(code, sentence);
    this.reason = reason;
  }

  override get course(): Course {
    return 'peer-ended';
  }
}
