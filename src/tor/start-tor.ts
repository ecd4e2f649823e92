import { silentLogger } from '../base/logger.js';
import { untilBootstrapped } from './bootstrap.js';
import { Cleanup } from './cleanup.js';
import { attachTor } from './external-tor.js';
import { launchTor } from './own-tor.js';
import { RunningTor } from './running-tor.js';
import type { StartTorOptions, Tor } from './tor.js';

/**
 * Starts a tor, or attaches to one that runs, and waits until it is connected.
 *
 * Each tor started has a data directory of its own, the first free below `dataDir`, which is kept
 * so that its guards stay the same.
 *
 * @throws OnionferryError ERR_TOR_MISSING, ERR_TOR_TOO_OLD or ERR_TOR_INSTALL without a program;
 *   ERR_TOR_START, ERR_TOR_DIED, ERR_TOR_CONTROL, ERR_TOR_BOOTSTRAP with tor's own last warning;
 *   the signal's reason. Whatever was opened is closed then.
 */
export async function startTor(options: StartTorOptions): Promise<Tor> {
  const { external, logger = silentLogger, signal } = options;
  const cleanup = new Cleanup();
  try {
    const base =
      external === undefined
        ? await launchTor(options, logger, cleanup)
        : await attachTor(external, signal, cleanup);
    const tor = new RunningTor(base, logger, cleanup);
    await tor.whileAlive(
      (alive) =>
        untilBootstrapped(base.connection, {
          onBootstrap: options.onBootstrap,
          stallMs: options.bootstrapStallMs,
          lastWarning: base.lastWarning,
          logger,
          signal: alive,
        }),
      signal,
    );
    return tor;
  } catch (error) {
    await cleanup
      .run()
      .catch((leftover: unknown) => logger.debug(`closing tor: ${String(leftover)}`));
    throw error;
  }
}
