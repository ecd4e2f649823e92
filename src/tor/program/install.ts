import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { OnionferryError } from '../../base/errors.js';
import { type Bundles, readBundles } from './bundles.js';
import { hasApt, installByApt } from './install-by-apt.js';
import { installByBundle } from './install-by-bundle.js';
import { installHint, platformName } from './platform.js';
import type { InstallStep, OnInstallProgress } from './progress.js';
import type { TorProgram } from './tor-program.js';
import { INSTALLED_FILE, type Installed, readInstalled, vendorDirectories } from './vendored.js';
import { compareVersions, isNewEnough, OLDEST_TOR_VERSION } from './version.js';

export interface InstallTorOptions {
  readonly dataDir: string;
  readonly onProgress?: OnInstallProgress | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Where to install, the first that can be written; by default as findTor looks for it. */
  readonly directories?: readonly string[] | undefined;
  /** By default apt where there is one, else the bundle. */
  readonly ways?: readonly ('apt' | 'bundle')[];
  /** By default the pinned ones of this package. */
  readonly bundles?: Bundles;
  readonly platform?: string;
  readonly stallMs?: number;
}

const STALL_MS = 30_000;
const TEMPORARY_PREFIX = '.installing-';

/** No installation lasts so long: what is older was left by a process that was killed. */
const LEFT_BEHIND_MS = 24 * 3_600_000;

/**
 * Vendors a tor, without root.
 *
 * It is unpacked beside its place, tried, and then renamed, so that nobody ever sees half of one;
 * of two installations at once one wins and both return it.
 *
 * @throws OnionferryError ERR_TOR_INSTALL with the reason of every way tried and what helps; the
 *   signal's reason. Nothing is left then.
 */
export async function installTor(options: InstallTorOptions): Promise<TorProgram> {
  const { signal } = options;
  const reasons: string[] = [];
  const failures: unknown[] = [];
  for (const way of options.ways ?? ((await hasApt()) ? ['apt', 'bundle'] : ['bundle'])) {
    signal?.throwIfAborted();
    try {
      return await installBy(way, options);
    } catch (error) {
      signal?.throwIfAborted();
      failures.push(error);
      reasons.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new OnionferryError(
    'ERR_TOR_INSTALL',
    `A tor could not be installed: ${reasons.join('; and ')}. To help, ${installHint()}`,
    { cause: failures.length > 1 ? new AggregateError(failures) : failures[0] },
  );
}

async function installBy(way: 'apt' | 'bundle', options: InstallTorOptions): Promise<TorProgram> {
  const { onProgress = () => undefined, signal, platform = platformName() } = options;
  const { place, temporary } = await makeTemporary(
    options.directories ?? vendorDirectories(options.dataDir),
  );
  const removeAtExit = (): void => rmSync(temporary, { recursive: true, force: true });
  process.once('exit', removeAtExit);
  try {
    const step: InstallStep = { directory: temporary, onProgress, signal };
    const installed: Installed =
      way === 'apt'
        ? await installByApt(step)
        : await installByBundle(step, {
            bundles: options.bundles ?? (await readBundles()),
            platform,
            stallMs: options.stallMs ?? STALL_MS,
          });
    onProgress({ phase: 'verify', bytes: 0, summary: 'tor --version' });
    await writeFile(join(temporary, INSTALLED_FILE), JSON.stringify(installed));
    const { version } = await readInstalled(temporary, signal);
    if (!isNewEnough(version)) {
      throw new OnionferryError(
        'ERR_TOR_INSTALL',
        `what ${way} has is tor ${version}, and the Tor network takes none before ${OLDEST_TOR_VERSION}`,
      );
    }
    return await putInPlace(temporary, place, version, signal);
  } finally {
    await rm(temporary, { recursive: true, force: true, maxRetries: 3 });
    process.removeListener('exit', removeAtExit);
  }
}

/** A directory beside the first place that can be written: renaming works only on one file system. */
async function makeTemporary(
  places: readonly string[],
): Promise<{ place: string; temporary: string }> {
  let reason: unknown;
  for (const place of places) {
    const parent = dirname(place);
    try {
      await mkdir(parent, { recursive: true });
      await removeLeftBehind(parent);
      return { place, temporary: await mkdtemp(join(parent, TEMPORARY_PREFIX)) };
    } catch (error) {
      reason = error;
    }
  }
  throw new OnionferryError(
    'ERR_TOR_INSTALL',
    `none of these directories can be written: ${places.map((place) => dirname(place)).join(', ')}`,
    { cause: reason },
  );
}

/**
 * Renames what was installed to its place. A tor that is there already and no older stays: another
 * process may be about to start it.
 */
async function putInPlace(
  temporary: string,
  place: string,
  version: string,
  signal: AbortSignal | undefined,
): Promise<TorProgram> {
  const aside = `${temporary}-old`;
  try {
    for (let attempt = 0; attempt < 5; attempt++) {
      try {
        await rename(temporary, place);
        return await readInstalled(place, signal);
      } catch (error) {
        if (!hasSystemCode(error, 'ENOTEMPTY', 'EEXIST', 'EPERM')) throw error;
      }
      const there = await readInstalled(place, signal).catch(() => undefined);
      signal?.throwIfAborted();
      if (there !== undefined && compareVersions(there.version, version) >= 0) return there;
      await rename(place, aside).catch((error: unknown) => {
        if (!hasSystemCode(error, 'ENOENT')) throw error; // else another installation was faster
      });
    }
    throw new OnionferryError('ERR_TOR_INSTALL', `${place} is in the way and cannot be replaced`);
  } finally {
    await rm(aside, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function removeLeftBehind(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    if (!name.startsWith(TEMPORARY_PREFIX)) continue;
    const path = join(parent, name);
    const age = await stat(path).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    if (age > LEFT_BEHIND_MS) await rm(path, { recursive: true, force: true });
  }
}

function hasSystemCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}
