import { isAbsolute } from 'node:path';
import * as v from 'valibot';
import { OnionferryError } from '../../base/errors.js';
import type { OnInstallProgress } from './install-progress.js';

/** What each way of installing gets. */
export interface InstallStep {
  /** An empty directory, removed if the step fails. */
  readonly directory: string;
  readonly onProgress: OnInstallProgress;
  readonly signal?: AbortSignal | undefined;
}

/** Written last into every installed directory: a directory with it is complete. */
export const INSTALLED_FILE = 'installed.json';

/** What each way of installing returns, and `INSTALLED_FILE` holds. */
export interface Installed {
  readonly source: 'apt' | 'bundle';
  /** Relative to the directory, which can thus be renamed. */
  readonly program: string;
  /** Directories with shared libraries, relative as well. */
  readonly libraries: readonly string[];
}

const inside = v.pipe(
  v.string(),
  v.nonEmpty(),
  v.check(
    (path) => !isAbsolute(path) && !path.split(/[\\/]/).includes('..'),
    'leaves the directory',
  ),
);

export const installedSchema: v.GenericSchema<unknown, Installed> = v.strictObject({
  source: v.picklist(['apt', 'bundle']),
  program: inside,
  libraries: v.array(inside),
});

export function installFailure(message: string, cause?: unknown): OnionferryError {
  return new OnionferryError('ERR_TOR_INSTALL', message, { cause });
}
