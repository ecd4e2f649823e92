import { isDiskFull } from '../disk/unwritable.js';
import type { AbortReason } from '../stream/message.js';
import { reasonOf } from '../stream/peer-abort.js';

/** What the other side is told of an error here: the kind, never the message. */
export function abortReasonOf(error: unknown): AbortReason {
  return isDiskFull(error) ? 'destination-full' : reasonOf(error);
}
