import { sleep } from '../../base/deadline.js';
import type { Logger } from '../../base/logger.js';
import type { ControlConnection } from '../control/connection.js';
import { buildsCircuit } from '../instance/reopen-network.js';

const LOOK_EVERY_MS = 2_000;
/** If so much more time has passed between two looks, the machine was asleep. */
const ASLEEP_MS = 30_000;
/**
 * tor's relays send padding to whoever keeps a circuit: no silence that was seen of an idle service
 * was longer than nine seconds.
 */
const SILENCE_MAX_S = 20;
const PROBE_MS = 5_000;

export interface NetworkWatch {
  /** Whether silence is to be noticed: who only dials notices that himself. */
  readonly isHosting: () => boolean;
  /** Tor.wake */
  readonly wake: () => Promise<boolean>;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/**
 * Wakes a tor of our own when this machine was asleep or its network is away. tor by itself may
 * take minutes until its services can be reached again.
 *
 * Ends with the connection.
 *
 * @throws the signal's reason; what the connection throws when it closes
 */
export async function watchNetwork(
  connection: ControlConnection,
  { isHosting, wake, logger, signal }: NetworkWatch,
): Promise<void> {
  let silent = 0;
  // tor tells each second how much it has read and written in it.
  const stop = await connection.listen(
    'BW',
    ([line = '']) => {
      silent = Number(line.split(' ')[0]) > 0 ? 0 : silent + 1;
    },
    { signal },
  );
  /** tor may refuse to begin a circuit; only its end ends the watch. */
  const asks = async (question: () => Promise<boolean>): Promise<boolean> => {
    try {
      return await question();
    } catch (error) {
      signal.throwIfAborted();
      if (connection.isClosed) throw error;
      logger.debug(`watching the network: ${String(error)}`);
      return false;
    }
  };
  const works = async (): Promise<boolean> => {
    if (await asks(() => buildsCircuit(connection, PROBE_MS, signal))) silent = 0;
    return silent === 0;
  };
  try {
    let looked = Date.now();
    while (!connection.isClosed) {
      await sleep(LOOK_EVERY_MS, signal);
      const wasAsleep = Date.now() - looked > LOOK_EVERY_MS + ASLEEP_MS;
      const isSilent = isHosting() && silent > SILENCE_MAX_S;
      if (wasAsleep || (isSilent && !(await works()))) {
        logger.debug(wasAsleep ? 'this machine was asleep' : 'the network is silent');
        if (await asks(wake)) logger.debug('tor builds circuits again');
        silent = 0;
      }
      looked = Date.now();
    }
  } finally {
    stop();
  }
}
