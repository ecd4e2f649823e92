import { access, constants } from 'node:fs/promises';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import { OnionferryError } from '../../base/errors.js';
import { type Logger, silentLogger } from '../../base/logger.js';
import { installHint } from './platform.js';
import { isNewEnough, readTorVersion, type TorProgram, tooOld } from './tor-program.js';
import { findVendoredTor, vendorDirectories } from './vendored-tor.js';

export interface FindTorOptions {
  readonly dataDir: string;
  /** The only program to use, by path or by its name in PATH. */
  readonly program?: string | undefined;
  /** Where vendored ones may be; default is the package's own directory, then one in dataDir. */
  readonly directories?: readonly string[] | undefined;
  readonly logger?: Logger | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The tor to use: the one asked for, else the vendored one, else the first in PATH that is new
 * enough.
 *
 * @throws OnionferryError ERR_TOR_MISSING if there is none; ERR_TOR_TOO_OLD if the one asked for,
 *   or every one in PATH, is older than the network accepts; the signal's reason
 */
export async function findTor(options: FindTorOptions): Promise<TorProgram> {
  const { program, dataDir, directories = vendorDirectories(dataDir), signal } = options;
  const { logger = silentLogger } = options;
  if (program !== undefined) return await askedFor(program, signal);
  const vendored = await findVendoredTor(directories, logger, signal);
  if (vendored !== undefined) return vendored;
  let old: OnionferryError | undefined;
  for (const path of await inPath('tor')) {
    try {
      const version = await readTorVersion(path, { signal });
      if (isNewEnough(version)) return { path, version, source: 'path' };
      old ??= tooOld(path, version, 'upgrade it, or run "onionferry tor install"');
    } catch (error) {
      // Something else of that name: the next may be tor.
      signal?.throwIfAborted();
      logger.debug(String(error));
    }
  }
  throw (
    old ??
    new OnionferryError(
      'ERR_TOR_MISSING',
      `There is no tor on this machine; run "onionferry tor install", or ${installHint()}`,
    )
  );
}

async function askedFor(program: string, signal: AbortSignal | undefined): Promise<TorProgram> {
  const isName = !isAbsolute(program) && !/[\\/]/.test(program);
  const path = isName ? (await inPath(program))[0] : resolve(program);
  if (path === undefined) {
    throw new OnionferryError('ERR_TOR_MISSING', `There is no program ${program} in PATH`);
  }
  const version = await readTorVersion(path, { signal });
  if (!isNewEnough(version)) {
    throw tooOld(path, version, 'upgrade it, or leave --tor out to use or install another');
  }
  return { path, version, source: 'option' };
}

async function inPath(name: string): Promise<string[]> {
  const directories = (process.env['PATH'] ?? '').split(delimiter).filter(isAbsolute);
  const file = process.platform === 'win32' && !name.endsWith('.exe') ? `${name}.exe` : name;
  const found: string[] = [];
  for (const directory of directories) {
    const path = join(directory, file);
    if (await isExecutable(path)) found.push(path);
  }
  return found;
}

/** Whether all of `paths` are programs that this user may run. */
export async function isExecutable(...paths: readonly string[]): Promise<boolean> {
  try {
    for (const path of paths) await access(path, constants.X_OK);
    return true;
  } catch {
    return false; // absent, or not for this user
  }
}
