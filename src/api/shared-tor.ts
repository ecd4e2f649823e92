import { hasCode } from '../base/errors.js';
import type { StartTorOptions, Tor } from '../tor/instance/tor.js';
import { lendTor } from '../tor/supervise/lent-tor.js';
import { startSupervisedTor } from '../tor/supervise/supervised-tor.js';
import { usageError } from './options.js';
import { reachOf } from './reach-of.js';
import type { Option, SharedTor, TorSettings } from './settings.js';
import { settingsFor } from './verb-options.js';

interface Lender {
  readonly tor: Tor;
  /** Told when tor has gone and is being restarted. */
  readonly onAway: Set<(reason: string) => void>;
}

const lenders = new WeakMap<SharedTor, Lender>();

/**
 * Starts a tor, or attaches to a running one, for calls that are given `withTor({ shared })`.
 *
 * @throws OnionferryError ERR_TOR_…; ERR_INTERRUPTED if `withSignal` aborts, which afterwards does
 *   nothing
 *
 * @example
 * ```ts
 * await using tor = await openTor();
 * const sending = send(['slides.pdf'], withTor({ shared: tor }), withEphemeral());
 * const sharing = share(['photos'], withTor({ shared: tor }), withEphemeral());
 * await Promise.all([sending.done, sharing.done]);
 * ```
 */
export async function openSharedTor(...options: readonly Option<'openTor'>[]): Promise<SharedTor> {
  const { dataDir, tor: settings, foundTor, logger, signal } = settingsFor('openTor', options);
  if (settings.shared !== undefined) throw usageError('openTor() opens a tor of its own');
  const onAway: Lender['onAway'] = new Set();
  const tor = await startSupervisedTor({
    ...torOptionsOf(settings),
    ...{ dataDir, logger, signal, found: foundTor },
    onAway: (reason) => {
      for (const tell of onAway) tell(reason);
    },
  });
  const close = (): Promise<void> => tor.close();
  const shared = { version: tor.version, close, [Symbol.asyncDispose]: close };
  lenders.set(shared, { tor, onAway });
  return shared;
}

/**
 * The shared tor for one call, which closes only what is its own.
 *
 * @throws OnionferryError ERR_USAGE if it has been closed; the signal's reason
 */
export async function borrowTor(
  shared: SharedTor,
  onAway: (reason: string) => void,
  signal: AbortSignal,
): Promise<Tor> {
  const lender = lenders.get(shared);
  if (lender === undefined) throw usageError('a shared tor must come from openTor()');
  try {
    await lender.tor.ready(signal);
  } catch (error) {
    if (!hasCode(error, 'ERR_INTERRUPTED') || signal.aborted) throw error;
    throw usageError('the shared tor has been closed');
  }
  lender.onAway.add(onAway);
  return lendTor(lender.tor, () => void lender.onAway.delete(onAway));
}

/** Which tor `startSupervisedTor` takes by these settings. */
export function torOptionsOf({
  program,
  torrc,
  running,
  ...reach
}: TorSettings): Pick<StartTorOptions, 'program' | 'torrc' | 'reach' | 'external'> {
  return {
    ...(program !== undefined && { program }),
    ...(torrc !== undefined && { torrc }),
    reach: reachOf(reach),
    ...(running !== undefined && { external: running }),
  };
}
