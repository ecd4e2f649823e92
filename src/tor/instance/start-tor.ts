import { Cleanup } from '../../base/cleanup.js';
import { type Logger, silentLogger } from '../../base/logger.js';
import { attachTor } from './attach-tor.js';
import { untilBootstrapped } from './bootstrap.js';
import { launchTor } from './launch-tor.js';
import { takeOwnDirectories } from './own-directories.js';
import { RunningTor, type TorBase } from './running-tor.js';
import type { StartTorOptions, Tor } from './tor.js';

/** Of the options, what may differ from start to start. */
type Attempt = Pick<StartTorOptions, 'onBootstrap' | 'signal' | 'bootstrapStallMs'>;

/**
 * Starts a tor, or attaches to one that runs, and waits until it is connected. `cleanup` gets what
 * ends it, also when that fails.
 */
export type TorStarter = (cleanup: Cleanup, attempt: Attempt) => Promise<RunningTor>;

/** Takes what one tor after another needs; `cleanup` gets what gives it back. */
export async function prepareTor(options: StartTorOptions, cleanup: Cleanup): Promise<TorStarter> {
  const { external, torrc, logger = silentLogger } = options;
  let launch: (signal: AbortSignal | undefined, opened: Cleanup) => Promise<TorBase>;
  if (external === undefined) {
    const place = await takeOwnDirectories(options, cleanup);
    launch = (signal, opened) => launchTor(place, { torrc, signal }, logger, opened);
  } else {
    launch = (signal, opened) => attachTor(external, signal, opened);
  }
  return async (opened, { signal, onBootstrap, bootstrapStallMs }) => {
    const base = await launch(signal, opened);
    const { connection, lastWarning } = base;
    const tor = new RunningTor(base, logger, opened);
    await tor.whileAlive(
      (alive) =>
        untilBootstrapped(connection, {
          onBootstrap,
          stallMs: bootstrapStallMs,
          lastWarning,
          logger,
          signal: alive,
        }),
      signal,
    );
    return tor;
  };
}

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
  const cleanup = new Cleanup();
  try {
    const start = await prepareTor(options, cleanup);
    return await start(cleanup, options);
  } catch (error) {
    await closeQuietly(cleanup, options.logger);
    throw error;
  }
}

/** After a failure, whose error is the one to tell. */
export async function closeQuietly(cleanup: Cleanup, logger?: Logger): Promise<void> {
  await cleanup
    .run()
    .catch((leftover: unknown) => logger?.debug(`closing tor: ${String(leftover)}`));
}
