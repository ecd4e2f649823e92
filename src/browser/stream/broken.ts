import { hasCode, type OnionferryError } from '../../base/errors.js';
import { PeerAbort } from '../../stream/peer-abort.js';

/**
 * Whether a connection broke, or the way to the relay, so that the two may meet again. Other than
 * for the program, what was changed on its way is not among it: a page stops there and says so.
 */
export function isBroken(error: unknown): error is OnionferryError {
  if (error instanceof PeerAbort) return false;
  return hasCode(
    error,
    'ERR_PEER_GONE',
    'ERR_TIMEOUT',
    'ERR_RELAY',
    'ERR_RELAY_BUSY',
    'ERR_CHANNEL_MISSING',
    'ERR_CHANNEL_CLOSED',
    'ERR_CHANNEL_FULL',
    'ERR_ATTEMPT_ENDED',
  );
}
