import { readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import type { Logger } from '../../base/logger.js';
import { packageFile } from '../../disk/package-file.js';
import { INSTALLED_FILE, installedSchema } from './installation.js';
import { platformName } from './platform.js';
import { isNewEnough, readTorVersion, type TorProgram } from './tor-program.js';

/** The package's own vendor directory. */
export const packageVendorDirectory: string = fileURLToPath(packageFile('vendor-tor'));

/** Where a vendored tor may be, in the order in which it is looked for and installed. */
export function vendorDirectories(dataDir: string): readonly string[] {
  return [packageVendorDirectory, join(dataDir, 'vendor-tor')].map((directory) =>
    join(directory, platformName()),
  );
}

/** @returns undefined if there is none, or only one that does not run or is too old */
export async function findVendoredTor(
  directories: readonly string[],
  logger: Logger,
  signal?: AbortSignal,
): Promise<TorProgram | undefined> {
  for (const directory of directories) {
    try {
      const found = await readInstalled(directory, signal);
      if (isNewEnough(found.version)) return found;
      logger.debug(`tor ${found.version} in ${directory} is too old`);
    } catch (error) {
      // Absent, half removed or made for another system: a new one is installed.
      signal?.throwIfAborted();
      logger.debug(`no vendored tor in ${directory}: ${String(error)}`);
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
