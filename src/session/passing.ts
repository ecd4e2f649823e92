import { hasCode, type OnionferryError } from '../base/errors.js';
import { PeerAbort } from '../stream/peer-abort.js';

/**
 * Whether what failed is a connection, a circuit or the way to the relay: nothing that another try
 * may not mend. What the other side gave as its own reason to end is not.
 */
export function isPassing(error: unknown): error is OnionferryError {
  if (error instanceof PeerAbort) return false;
  return hasCode(
    error,
    'ERR_PEER_GONE',
    'ERR_STREAM',
    'ERR_TIMEOUT',
    'ERR_RELAY',
    'ERR_RELAY_BUSY',
    'ERR_CHANNEL_MISSING',
    'ERR_CHANNEL_CLOSED',
    'ERR_ATTEMPT_ENDED',
    'ERR_ONION_NOT_FOUND',
    'ERR_ONION_UNREACHABLE',
    'ERR_TOR_SOCKS',
    'ERR_TOR_CONTROL',
  );
}

/**
 * Whether a transfer that ended so may be gone on with later, by this process's successor: the way
 * was lost, and nobody has ended it.
 */
export function mayResumeLater(error: unknown): error is OnionferryError {
  return isPassing(error) || hasCode(error, 'ERR_TOR_DIED', 'ERR_TOR_START');
}
