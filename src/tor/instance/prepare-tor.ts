import type { Cleanup } from '../../base/cleanup.js';
import { silentLogger } from '../../base/logger.js';
import { attachTor } from './attach-tor.js';
import { untilBootstrapped } from './bootstrap.js';
import { launchTor, takeWorkspace } from './launch-tor.js';
import { RunningTor, type TorBase } from './running-tor.js';
import type { StartTorOptions } from './tor.js';

/** A transport looks for a way first: a snowflake finds a volunteer, some of whom are gone again. */
const DISGUISED_STALL_MS = 180_000;
const DISGUISED_PROBLEM_STALL_MS = 60_000;

/** What may differ from start to start. */
type Attempt = Pick<StartTorOptions, 'onBootstrap' | 'onDialable' | 'signal' | 'bootstrapStallMs'>;

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
  let isDisguised = false;
  let start: (signal: AbortSignal | undefined, opened: Cleanup) => Promise<TorBase>;
  if (external === undefined) {
    const workspace = await takeWorkspace(options, cleanup);
    ({ isDisguised } = workspace.reach);
    start = (signal, opened) => launchTor(workspace, { torrc, signal, logger }, opened);
  } else {
    start = (signal, opened) => attachTor(external, { signal, logger }, opened);
  }
  return async (opened, { signal, onBootstrap, onDialable, bootstrapStallMs: stallMs }) => {
    const base = await start(signal, opened);
    const { connection, lastWarning, noRoom } = base;
    const tor = new RunningTor(base, logger, opened);
    const common = {
      ...{ lastWarning, logger },
      // Of several running ones, a person wants to know which.
      onBootstrap: (percent: number, summary: string) =>
        onBootstrap?.(percent, base.where === undefined ? summary : `${summary} (${base.where})`),
      stallMs: stallMs ?? (isDisguised ? DISGUISED_STALL_MS : undefined),
      problemStallMs: isDisguised ? DISGUISED_PROBLEM_STALL_MS : undefined,
      onDialable: () => onDialable?.(base.socks),
    };
    await tor.whileAlive((alive) => {
      const goesOn = noRoom === undefined ? alive : AbortSignal.any([alive, noRoom]);
      return untilBootstrapped(connection, { ...common, signal: goesOn });
    }, signal);
    return tor;
  };
}
