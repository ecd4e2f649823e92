import { type ErrorCode, OnionferryError } from '../base/errors.js';
import type { AbortReason } from '../stream/message.js';
import { isDiskFull } from './destination/unwritable.js';

const REASONS: Partial<Record<ErrorCode, AbortReason>> = {
  ERR_INTERRUPTED: 'cancelled',
  ERR_REFUSED: 'refused',
  ERR_SOURCE: 'source-unreadable',
  ERR_SOURCE_CHANGED: 'source-changed',
  ERR_DESTINATION: 'destination-failed',
  ERR_CONFLICT: 'destination-failed',
  ERR_HOSTILE_NAME: 'hostile-name',
  ERR_PROTOCOL: 'protocol',
  ERR_STREAM: 'protocol',
};

/** What the other side is told of an error here: the kind, never the message. */
export function abortReasonOf(error: unknown): AbortReason {
  if (isDiskFull(error)) return 'destination-full';
  return (error instanceof OnionferryError ? REASONS[error.code] : undefined) ?? 'internal';
}
