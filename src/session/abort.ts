import { hasCode } from '../base/errors.js';
import type { AbortReason } from '../stream/message.js';
import { reasonOf } from '../stream/peer-abort.js';

/** What the other side is told of an error here: the kind, never the message. */
export function abortReasonOf(error: unknown): AbortReason {
  return hasCode(error, 'ERR_DISK_FULL') ? 'destination-full' : reasonOf(error);
}
