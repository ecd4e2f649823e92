import type { InstallProgress } from '../../tor/program/install-progress.js';
import { installTor as install } from '../../tor/program/install-tor.js';
import { type Handle, start } from '../handle.js';
import type { Option } from '../settings.js';
import { settingsFor } from '../verb-options.js';

/** The tor that `installTor` has installed. */
export interface InstalledTor {
  readonly path: string;
  readonly version: string;
}

/**
 * Installs a tor for this user, without root; reports `install` events.
 *
 * @example
 * ```ts
 * const { path, version } = await installTor(withDataDir('data')).done;
 * ```
 */
export function installTor(...options: readonly Option<'installTor'>[]): Handle<InstalledTor> {
  const { dataDir, signal: outer } = settingsFor('installTor', options);
  return start(async ({ emit, signal }) => {
    const onProgress = (progress: InstallProgress): void => emit({ event: 'install', ...progress });
    const { path, version } = await install({ dataDir, signal, onProgress });
    return { path, version };
  }, outer);
}
