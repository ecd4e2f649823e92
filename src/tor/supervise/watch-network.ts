import { sleep, within } from '../../base/deadline.js';
import { deferred } from '../../base/deferred.js';
import type { Logger } from '../../base/logger.js';
import type { ControlConnection } from '../control/connection.js';
import { MoveWatch, type Outgoing, outgoingNow } from './outgoing-address.js';

const CHECK_EVERY_MS = 2_000;
/** If this much more time has passed between two checks, the machine was asleep. */
const ASLEEP_MS = 30_000;
/**
 * Relays send padding to a tor that keeps a circuit: the longest silence observed with an idle
 * service was nine seconds.
 */
const SILENCE_MAX_S = 20;
/** How long a circuit may take to be built. */
const PROBE_MS = 5_000;

export interface NetworkWatch {
  /** Whether to notice silence: a tor that only dials notices by its dials. */
  readonly isHosting: () => boolean;
  /** Tor.wake */
  readonly wake: () => Promise<boolean>;
  /** Default outgoingNow. */
  readonly outgoing?: () => Promise<Outgoing>;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/**
 * Wakes a tor of our own when this machine was asleep, has moved to another address, or its network
 * is away. By itself tor may take minutes until its services can be reached again.
 *
 * After a move tor may well build circuits: over new connections, while the introduction points of
 * its services and the circuits of transfers stay on the old ones, of which nothing says that they
 * are dead. So nothing is tried then.
 *
 * Ends with the connection.
 *
 * @throws the signal's reason; what the connection throws when it closes
 */
export async function watchNetwork(
  connection: ControlConnection,
  { isHosting, wake, outgoing = outgoingNow, logger, signal }: NetworkWatch,
): Promise<void> {
  let silent = 0;
  // Each second tor reports how much it has read and written.
  using _ = await connection.listen(
    'BW',
    ([line = '']) => {
      silent = Number(line.split(' ')[0]) > 0 ? 0 : silent + 1;
    },
    { signal },
  );
  /** tor may refuse to begin a circuit; only the end of its connection ends the watch. */
  const succeeds = async (attempt: () => Promise<boolean>): Promise<boolean> => {
    try {
      return await attempt();
    } catch (error) {
      signal.throwIfAborted();
      if (connection.isClosed) throw error;
      logger.debug(`watching the network: ${String(error)}`);
      return false;
    }
  };
  const works = async (): Promise<boolean> => {
    if (await succeeds(() => buildsCircuit(connection, logger, signal))) silent = 0;
    return silent === 0;
  };
  const moves = new MoveWatch();
  let checkedAt = Date.now();
  while (!connection.isClosed) {
    await sleep(CHECK_EVERY_MS, signal);
    const wasAsleep = Date.now() - checkedAt > CHECK_EVERY_MS + ASLEEP_MS;
    const isSilent = isHosting() && silent > SILENCE_MAX_S;
    const hasMoved = moves.look(await outgoing());
    if (wasAsleep || hasMoved || (isSilent && !(await works()))) {
      const why = hasMoved ? 'this machine has another address' : 'the network is silent';
      logger.debug(wasAsleep ? 'this machine was asleep' : why);
      if (await succeeds(wake)) logger.debug('tor builds circuits again');
      silent = 0;
    }
    checkedAt = Date.now();
  }
}

/** Whether tor can build a circuit now. @throws OnionferryError ERR_TOR_CONTROL */
async function buildsCircuit(
  connection: ControlConnection,
  logger: Logger,
  signal: AbortSignal,
): Promise<boolean> {
  const built = deferred<true>();
  let circuit: string | undefined;
  const builtAny = new Set<string>();
  // A busy machine reads tor's answer and the event together: the event is then heard first.
  const look = (): void => {
    if (circuit !== undefined && builtAny.has(circuit)) built.resolve(true);
  };
  using _ = await connection.listen(
    'CIRC',
    ([line = '']) => {
      const [id = '', status] = line.split(' ');
      if (status === 'BUILT') builtAny.add(id);
      look();
    },
    { signal },
  );
  try {
    circuit = await connection.createCircuit({ signal });
    look();
    return await within(built.promise, PROBE_MS, signal);
  } finally {
    if (circuit !== undefined) {
      connection
        .closeCircuit(circuit)
        .catch((error: unknown) => logger.debug(`closing a test circuit: ${String(error)}`));
    }
  }
}
