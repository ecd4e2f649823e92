import { deadline, untilAborted } from '../../base/deadline.js';
import { OnionferryError } from '../../base/errors.js';

/** How long a side whose peer has vanished looks for it: a machine asleep over a meal. */
const AWAY_MAX_MS: number = 30 * 60_000;

const NEVER_CAME =
  'the other side went away and did not come back; what has arrived is kept: to resume, start the transfer again';

/** Waits for the other side to come back. @throws OnionferryError ERR_PEER_GONE if it does not */
export async function withinPatience<T>(
  wait: (signal: AbortSignal) => Promise<T>,
  ms: number = AWAY_MAX_MS,
  signal?: AbortSignal,
): Promise<T> {
  const gone = (): OnionferryError => new OnionferryError('ERR_PEER_GONE', NEVER_CAME);
  using limit = deadline(ms, gone, signal);
  return await untilAborted(wait(limit.signal), limit.signal);
}
