import { installTor as install } from '../../tor/program/install-tor.js';
import type { InstallProgress } from '../../tor/program/installation.js';
import { type Handle, start } from '../handle.js';
import { applyOptions, type Option } from '../options.js';

export interface InstalledTor {
  readonly path: string;
  readonly version: string;
}

/** Installs a tor for this user, without root; reports `install` events. */
export function installTor(...options: readonly Option[]): Handle<InstalledTor> {
  const { dataDir, signal: outer } = applyOptions(options);
  return start(async ({ emit, signal }) => {
    const onProgress = (progress: InstallProgress): void => emit({ event: 'install', ...progress });
    const { path, version } = await install({ dataDir, signal, onProgress });
    return { path, version };
  }, outer);
}
