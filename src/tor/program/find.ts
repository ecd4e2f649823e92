import { access, constants } from 'node:fs/promises';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import { OnionferryError } from '../../base/errors.js';
import { installHint } from './platform.js';
import type { TorProgram } from './tor-program.js';
import { findVendoredTor, vendorDirectories } from './vendored.js';
import { isNewEnough, readTorVersion, tooOld } from './version.js';

export interface FindTorOptions {
  /** The one program to use, or its name in PATH; nothing else is looked for then. */
  readonly program?: string | undefined;
  readonly dataDir: string;
  /** Where vendored ones may be; by default the package's own directory, then dataDir's. */
  readonly directories?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The tor to use: the one asked for, else the vendored one, else the first in PATH that is new
 * enough.
 *
 * @throws OnionferryError ERR_TOR_MISSING if there is none; ERR_TOR_TOO_OLD if the one asked for,
 *   or every one in PATH, is older than the network takes; the signal's reason
 */
export async function findTor(options: FindTorOptions): Promise<TorProgram> {
  const { program, dataDir, directories = vendorDirectories(dataDir), signal } = options;
  if (program !== undefined) return await askedFor(program, signal);
  const vendored = await findVendoredTor(directories, signal);
  if (vendored !== undefined) return vendored;
  let old: OnionferryError | undefined;
  for (const path of await inPath('tor')) {
    try {
      const version = await readTorVersion(path, { signal });
      if (isNewEnough(version)) return { path, version, source: 'path' };
      old ??= tooOld(path, version, 'upgrade it, or run "onionferry tor install"');
    } catch {
      signal?.throwIfAborted(); // else: something else of that name; go on looking
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

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
