import type { Cleanup } from '../../base/cleanup.js';
import { silentLogger } from '../../base/logger.js';
import { attachTor } from './attach-tor.js';
import { untilBootstrapped } from './bootstrap.js';
import { launchTor, takeWorkspace } from './launch-tor.js';
import { RunningTor, type TorBase } from './running-tor.js';
import type { StartTorOptions } from './tor.js';

/** What may differ from start to start. */
type Attempt = Pick<StartTorOptions, 'onBootstrap' | 'signal' | 'bootstrapStallMs'>;

/**
 * Starts a tor, or attaches to a running one, and waits until it is connected to its network.
 * `cleanup` gets what ends it, also when the start fails.
 *
 * @throws OnionferryError ERR_TOR_START, ERR_TOR_DIED, ERR_TOR_CONTROL, ERR_TOR_BOOTSTRAP with
 *   tor's own last warning; the signal's reason
 */
export type TorStarter = (cleanup: Cleanup, attempt: Attempt) => Promise<RunningTor>;

/**
 * Takes what every start needs. A tor of our own gets a data directory to itself, the first free
 * one in `dataDir`, which stays so that its guards stay the same. `cleanup` gets what releases it.
 *
 * @throws OnionferryError ERR_TOR_MISSING, ERR_TOR_TOO_OLD or ERR_TOR_INSTALL without a program
 */
export async function prepareTor(options: StartTorOptions, cleanup: Cleanup): Promise<TorStarter> {
  const { external, torrc, logger = silentLogger } = options;
  let start: (signal: AbortSignal | undefined, opened: Cleanup) => Promise<TorBase>;
  if (external === undefined) {
    const workspace = await takeWorkspace(options, cleanup);
    start = (signal, opened) => launchTor(workspace, { torrc, signal, logger }, opened);
  } else {
    start = (signal, opened) => attachTor(external, signal, opened);
  }
  return async (opened, { signal, onBootstrap, bootstrapStallMs: stallMs }) => {
    const base = await start(signal, opened);
    const { connection, lastWarning } = base;
    const tor = new RunningTor(base, logger, opened);
    const common = { onBootstrap, stallMs, lastWarning, logger };
    await tor.whileAlive(
      (alive) => untilBootstrapped(connection, { ...common, signal: alive }),
      signal,
    );
    return tor;
  };
}
