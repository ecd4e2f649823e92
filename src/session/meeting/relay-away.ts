import { hasCode } from '../../base/errors.js';

/** Whether nothing is wrong but that the relay, or this side's tor, does not answer at the moment. */
export function isRelayAway(error: unknown): boolean {
  return hasCode(
    error,
    'ERR_RELAY',
    'ERR_RELAY_BUSY',
    'ERR_TIMEOUT',
    'ERR_ONION_NOT_FOUND',
    'ERR_ONION_UNREACHABLE',
    'ERR_TOR_SOCKS',
    'ERR_TOR_CONTROL',
    'ERR_TOR_DIED',
  );
}
