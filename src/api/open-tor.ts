import type { OnionferryError } from '../base/errors.js';
import { startTor } from '../tor/start-tor.js';
import type { Tor } from '../tor/tor.js';
import type { Work } from './handle.js';
import type { Settings } from './settings.js';

/** A tor that belongs to one call. */
export interface OpenTor extends AsyncDisposable {
  readonly tor: Tor;
  /** Aborts with the call's own signal, or with ERR_TOR_DIED as soon as tor has ended. */
  readonly signal: AbortSignal;
}

/** Starts (if need be installs) tor and tells of it. @throws OnionferryError ERR_TOR_… */
export async function openTor(
  { dataDir, tor: { program, torrc, running }, foundTor, logger }: Settings,
  { emit, signal }: Work,
): Promise<OpenTor> {
  const tor = await startTor({
    dataDir,
    logger,
    signal,
    found: foundTor,
    ...(program !== undefined && { program }),
    ...(torrc !== undefined && { torrc }),
    ...(running !== undefined && { external: running }),
    onBootstrap: (progress, summary) => emit({ event: 'tor', progress, summary }),
    onInstall: (progress) => emit({ event: 'install', ...progress }),
  });
  const dying = new AbortController();
  void tor.died.then((error: OnionferryError) => dying.abort(error));
  return {
    tor,
    signal: AbortSignal.any([signal, dying.signal]),
    [Symbol.asyncDispose]: () => tor.close(),
  };
}
