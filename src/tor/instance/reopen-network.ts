import { sleep, untilAborted } from '../../base/deadline.js';
import { deferred } from '../../base/deferred.js';
import type { ControlConnection } from '../control/connection.js';

/**
 * How long tor has for a circuit. A lost SYN is sent again after one, three and seven seconds, so
 * that a network that comes back meanwhile is found.
 */
const REACH_NETWORK_MS = 8_000;

/**
 * Closes and opens tor's network. Otherwise tor holds on to connections that have died unnoticed:
 * what waits in them is sent again after pauses that have grown as long as the network was away.
 * Guards and introduction points stay what they were, so that descriptors hold.
 *
 * It does not help a tor that was told at once that there is no network: it connects to no relay
 * again that has refused within the last minute, and builds no circuit for a minute after six that
 * failed. Only a new process forgets that.
 *
 * @returns whether tor has reached its network
 */
export async function reopenNetwork(
  connection: ControlConnection,
  signal: AbortSignal,
): Promise<boolean> {
  const reached = deferred<true>();
  const stop = await connection.listen(
    'STATUS_CLIENT',
    ([line = '']) => {
      if (line.includes('CIRCUIT_ESTABLISHED')) reached.resolve(true);
    },
    { signal },
  );
  try {
    // No abort may come in between: tor would stay without a network. But its answer has to: tor
    // that reads both at once opens its new SOCKS socket first and removes its file with the old one.
    for (const value of ['1', '0']) await connection.setConf([['DisableNetwork', value]]);
    return await within(reached.promise, REACH_NETWORK_MS, signal);
  } finally {
    stop();
  }
}

/** Whether tor can build a circuit now, as it is. @throws OnionferryError ERR_TOR_CONTROL */
export async function buildsCircuit(
  connection: ControlConnection,
  ms: number,
  signal: AbortSignal,
): Promise<boolean> {
  const built = deferred<true>();
  let circuit: string | undefined;
  const stop = await connection.listen(
    'CIRC',
    ([line = '']) => {
      if (circuit !== undefined && line.startsWith(`${circuit} BUILT`)) built.resolve(true);
    },
    { signal },
  );
  try {
    // Refused while tor lacks what a circuit needs.
    const [reply = ''] = await connection.send('EXTENDCIRCUIT 0', { signal });
    circuit = /^EXTENDED (\d+)/.exec(reply)?.[1];
    return circuit !== undefined && (await within(built.promise, ms, signal));
  } finally {
    stop();
    // It may have gone by itself.
    if (circuit !== undefined) connection.send(`CLOSECIRCUIT ${circuit}`).catch(() => undefined);
  }
}

async function within(happens: Promise<true>, ms: number, signal: AbortSignal): Promise<boolean> {
  const ended = new AbortController();
  const late = sleep(ms, ended.signal).then(
    () => false,
    () => false,
  );
  try {
    return await untilAborted(Promise.race([happens, late]), signal);
  } finally {
    ended.abort();
  }
}
