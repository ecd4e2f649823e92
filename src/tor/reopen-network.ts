import { sleep, untilAborted } from '../base/deadline.js';
import { deferred } from '../base/deferred.js';
import type { ControlConnection } from './control/connection.js';

/**
 * How long tor has for a circuit. A lost SYN is sent again after one, three and seven seconds, so
 * that a network that comes back meanwhile is found.
 */
const REOPEN_MS = 8_000;
/** Where the network says at once that it is away, tor has to be asked again. */
const ASK_EVERY_MS = 2_000;
/** As many as tor has primary guards (guard-spec, "n-primary-guards"). */
const GUARDS = 3;

/**
 * Closes and opens tor's network. Otherwise tor holds on to connections that have died unnoticed:
 * what waits in them is sent again after pauses that have grown as long as the network was away.
 * Guards and introduction points stay what they were, so that descriptors hold.
 *
 * After six circuits in a row that failed tor builds none for up to a minute, except those that it
 * is asked for hop by hop, and any that succeeds ends that. So it is asked for circuits that go no
 * farther than its own guards; nothing is ever sent through them.
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
    // No abort may come in between: tor would stay without a network.
    await Promise.all(['1', '0'].map((value) => connection.setConf([['DisableNetwork', value]])));
    const guards = await guardsOf(connection, signal);
    for (let asked = 0; asked < REOPEN_MS; asked += ASK_EVERY_MS) {
      const circuits = await Promise.all(guards.map((guard) => extendTo(connection, guard)));
      const isReached = await within(reached.promise, ASK_EVERY_MS, signal);
      for (const circuit of circuits) closeCircuit(connection, circuit);
      if (isReached) return true;
    }
    return false;
  } finally {
    stop();
  }
}

/** Whether tor can build a circuit now, as it is. */
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
    circuit = await extendTo(connection);
    return circuit !== undefined && (await within(built.promise, ms, signal));
  } finally {
    stop();
    closeCircuit(connection, circuit);
  }
}

/** Begins a circuit: to `guard` and no farther, or one as tor likes. */
async function extendTo(connection: ControlConnection, guard = ''): Promise<string | undefined> {
  const command = guard === '' ? 'EXTENDCIRCUIT 0' : `EXTENDCIRCUIT 0 ${guard}`;
  // tor refuses while it lacks what a circuit needs, or knows nothing of this guard any more.
  const [reply = ''] = await connection.send(command).catch(() => []);
  return /^EXTENDED (\d+)/.exec(reply)?.[1];
}

function closeCircuit(connection: ControlConnection, circuit: string | undefined): void {
  // It may have gone by itself.
  if (circuit !== undefined) connection.send(`CLOSECIRCUIT ${circuit}`).catch(() => undefined);
}

/** The fingerprints of those that it has used before. */
async function guardsOf(connection: ControlConnection, signal: AbortSignal): Promise<string[]> {
  const listed = await connection.getInfo('entry-guards', { signal });
  return listed
    .split('\n')
    .map((line) => /^(\$[0-9A-F]{40})\S* (?:up|down)\b/.exec(line)?.[1] ?? '')
    .filter((guard) => guard !== '')
    .slice(0, GUARDS);
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
