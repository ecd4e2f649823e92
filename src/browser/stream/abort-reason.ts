import { hasCode, OnionferryError } from '../../base/errors.js';
import { wording } from '../../pages/wording.js';
import type { AbortReason } from '../../stream/message.js';
import { reasonOf } from '../../stream/peer-abort.js';

/** What the other side is told of an error in the page. */
export function abortReasonOf(error: unknown): AbortReason {
  if (error instanceof TooLarge) return 'too-large';
  return hasCode(error, 'ERR_STREAM') ? 'tampered' : reasonOf(error);
}

/** An offer of more than the page can hold. */
export class TooLarge extends OnionferryError {
  constructor(message: string = wording.relay.failures.tooLarge) {
    super('ERR_REFUSED', message);
  }
}
