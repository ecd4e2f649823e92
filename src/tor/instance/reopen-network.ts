import { within } from '../../base/deadline.js';
import { deferred } from '../../base/deferred.js';
import type { ControlConnection } from '../control/connection.js';

/**
 * How long tor has to build a circuit. A lost SYN is sent again after one, three and seven seconds,
 * so a network that comes back meanwhile is found.
 */
const REACH_NETWORK_MS = 8_000;

/**
 * Closes tor's network connections and opens them again. Otherwise tor keeps connections that have
 * died unnoticed, and TCP sends again what waits in them only after pauses as long as the network
 * was away. Guards and introduction points stay, so that descriptors remain valid.
 *
 * It does not help a tor that was told at once that there is no network: such a tor avoids relays
 * that refused within the last minute, and builds no circuit for a minute after six that failed.
 * Only a new process forgets that.
 *
 * @returns whether tor has reached its network
 */
export async function reopenNetwork(
  connection: ControlConnection,
  signal: AbortSignal,
): Promise<boolean> {
  const reached = deferred<true>();
  using _ = await connection.listen(
    'STATUS_CLIENT',
    ([line = '']) => {
      if (line.includes('CIRCUIT_ESTABLISHED')) reached.resolve(true);
    },
    { signal },
  );
  // No abort in between: tor would stay without a network. But wait for each answer: a tor that
  // reads both at once opens its new SOCKS socket first, and removes that file with the old one.
  for (const value of ['1', '0']) await connection.setConf([['DisableNetwork', value]]);
  return await within(reached.promise, REACH_NETWORK_MS, signal);
}
