import { readFile } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { platformName } from './platform.js';
import type { TorProgram } from './tor-program.js';
import { isNewEnough, readTorVersion } from './version.js';

/** Written into every installed directory, last of all: where in it the program and its libraries are. */
export const INSTALLED_FILE = 'installed.json';

/** What `INSTALLED_FILE` holds; paths are relative to its directory, so that it can be renamed. */
export interface Installed {
  readonly source: 'apt' | 'bundle';
  readonly program: string;
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

const installedSchema: v.GenericSchema<unknown, Installed> = v.strictObject({
  source: v.picklist(['apt', 'bundle']),
  program: inside,
  libraries: v.array(inside),
});

/** The package's own vendor directory: the same two levels up from `src` and from `dist`. */
export const packageVendorDirectory: string = fileURLToPath(
  new URL('../../../vendor-tor', import.meta.url),
);

/** Where a vendored tor may be, in the order in which it is looked for and installed. */
export function vendorDirectories(dataDir: string): readonly string[] {
  return [packageVendorDirectory, join(dataDir, 'vendor-tor')].map((directory) =>
    join(directory, platformName()),
  );
}

/** @returns undefined if no tor is there, or one that does not run or is too old */
export async function findVendoredTor(
  directories: readonly string[],
  signal?: AbortSignal,
): Promise<TorProgram | undefined> {
  for (const directory of directories) {
    try {
      const found = await readInstalled(directory, signal);
      if (isNewEnough(found.version)) return found;
    } catch {
      // Absent, half removed or made for another system: look on, or install a new one.
      signal?.throwIfAborted();
    }
  }
  return undefined;
}

/**
 * The tor in one directory, which has just said its version.
 *
 * @throws the reason if there is none that runs
 */
export async function readInstalled(directory: string, signal?: AbortSignal): Promise<TorProgram> {
  const text = await readFile(join(directory, INSTALLED_FILE), { encoding: 'utf8', signal });
  const installed = v.parse(installedSchema, JSON.parse(text));
  const path = join(directory, installed.program);
  const libraryPath = installed.libraries.map((part) => join(directory, part)).join(delimiter);
  const libraries = libraryPath === '' ? {} : { libraryPath };
  const version = await readTorVersion(path, { ...libraries, signal });
  return { path, version, ...libraries, source: 'vendored' };
}
