import { setMaxListeners } from 'node:events';
import { within } from '../base/deadline.js';
import { hasCourse, type OnionferryError } from '../base/errors.js';
import type { StartTorOptions, Tor } from '../tor/instance/tor.js';
import { startSupervisedTor } from '../tor/supervise/supervised-tor.js';
import type { Work } from './handle.js';
import type { Settings, TorListener } from './settings.js';
import { borrowTor, torOptionsOf } from './shared-tor.js';

/** When tor dies, its connections break at once; that it died, and why, is known a moment later. */
const DEATH_FOLLOWS_MS = 1_000;

/** A tor that belongs to one call. */
export interface OpenTor extends AsyncDisposable {
  readonly tor: Tor;
  /** Aborts with the call's own signal, or with ERR_TOR_DIED when tor has ended for good. */
  readonly signal: AbortSignal;
  /** The result of `work`; if that fails because tor died, the error says so. */
  outcome<T>(work: Promise<T>): Promise<T>;
}

/**
 * Starts tor, installing it if needed, and reports its progress; or takes the one that it shares.
 *
 * @param onDialable as in StartTorOptions
 * @throws OnionferryError ERR_TOR_…
 */
export async function openTor(
  settings: Settings,
  work: Work,
  onDialable?: StartTorOptions['onDialable'],
): Promise<OpenTor> {
  const { signal } = work;
  const tor = await torFor(settings, work, onDialable);
  const dying = new AbortController();
  void tor.died.then((error: OnionferryError) => dying.abort(error));
  const either = AbortSignal.any([signal, dying.signal]);
  // As for the call's own signal: one for each request that runs.
  setMaxListeners(0, either);
  return {
    tor,
    signal: either,
    async outcome(work) {
      try {
        return await work;
      } catch (error) {
        if (hasCourse(error, 'relay-away', 'stream-broken')) {
          await within(tor.died, DEATH_FOLLOWS_MS);
        }
        dying.signal.throwIfAborted();
        throw error;
      }
    },
    [Symbol.asyncDispose]: () => tor.close(),
  };
}

async function torFor(
  { dataDir, tor, foundTor, torAhead, logger }: Settings,
  { emit, signal }: Work,
  onDialable: StartTorOptions['onDialable'],
): Promise<Tor> {
  const onAway = (reason: string): void => emit({ event: 'waiting', reason });
  if (tor.shared !== undefined) return await borrowTor(tor.shared, onAway, signal);
  const heard: TorListener = {
    ...{ logger, signal, onAway, onDialable },
    onBootstrap: (progress, summary) => emit({ event: 'tor', progress, summary }),
  };
  const ahead = await torAhead?.take(heard);
  if (ahead !== undefined) return ahead;
  return await startSupervisedTor({
    ...{ ...torOptionsOf(tor), ...heard, dataDir, found: foundTor },
    onInstall: (progress) => emit({ event: 'install', ...progress }),
  });
}
