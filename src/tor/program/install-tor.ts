import { rmSync } from 'node:fs';
import { mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hasCode, OnionferryError } from '../../base/errors.js';
import { systemCode } from '../../base/system-error.js';
import { makeFolders } from '../../disk/make-folders.js';
import { type Bundles, readBundles } from './bundles.js';
import { type FindTorOptions, findTor } from './find-tor.js';
import { hasApt, installByApt } from './install-by-apt.js';
import { installByBundle } from './install-by-bundle.js';
import type { OnInstallProgress } from './install-progress.js';
import {
  INSTALLED_FILE,
  type Installed,
  type InstallStep,
  installFailure,
} from './installation.js';
import { installHint, platformName } from './platform.js';
import {
  compareVersions,
  isNewEnough,
  OLDEST_TOR_VERSION,
  type TorProgram,
} from './tor-program.js';
import { readInstalled, vendorDirectories } from './vendored-tor.js';

export interface InstallTorOptions {
  readonly dataDir: string;
  readonly onProgress?: OnInstallProgress | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Where to install: the first that can be written to; default is where findTor looks. */
  readonly directories?: readonly string[] | undefined;
  /** Default is apt where there is one, then the bundle. */
  readonly ways?: readonly ('apt' | 'bundle')[];
  /** Default is those pinned in this package. */
  readonly bundles?: Bundles;
  readonly platform?: string;
  /** How long a server may send nothing; default STALL_MS. */
  readonly stallMs?: number;
}

const STALL_MS = 30_000;
const TEMPORARY_PREFIX = '.installing-';

/** No installation takes this long: what is older was left behind by a process that was killed. */
const LEFT_BEHIND_MS = 24 * 3_600_000;

/**
 * The tor to use, installed if there is none that the network accepts.
 *
 * @throws what findTor throws about `program`, if one was asked for; else what installTor throws,
 *   with the tor in PATH that is too old named first
 */
export async function findOrInstallTor(
  options: FindTorOptions & InstallTorOptions,
): Promise<TorProgram> {
  try {
    return await findTor(options);
  } catch (error) {
    if (options.program !== undefined) throw error;
    if (!hasCode(error, 'ERR_TOR_MISSING', 'ERR_TOR_TOO_OLD')) throw error;
    try {
      return await installTor(options);
    } catch (failure) {
      if (error.code !== 'ERR_TOR_TOO_OLD' || !hasCode(failure, 'ERR_TOR_INSTALL')) throw failure;
      throw new OnionferryError(failure.code, `${error.message}. ${failure.message}`, {
        cause: failure,
      });
    }
  }
}

/**
 * Installs a tor for onionferry alone, without root.
 *
 * It is unpacked into a directory beside the final one, tried there, and then renamed, so that
 * nobody ever sees half of one. Of two installations at once one wins, and both return it.
 *
 * @throws OnionferryError ERR_TOR_INSTALL with the reason of every way tried and what helps; the
 *   signal's reason. Nothing is left behind.
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
  throw installFailure(
    `Tor could not be installed: ${reasons.join('; and ')}. To install it yourself, ${installHint()}`,
    { cause: failures.length > 1 ? new AggregateError(failures) : failures[0] },
  );
}

async function installBy(way: 'apt' | 'bundle', options: InstallTorOptions): Promise<TorProgram> {
  const { onProgress = () => undefined, signal, platform = platformName() } = options;
  const { target, temporary } = await makeTemporary(
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
      throw installFailure(
        `${way} has tor ${version}, and the Tor network no longer accepts a tor before ${OLDEST_TOR_VERSION}`,
      );
    }
    return await moveTo(target, temporary, version, signal);
  } finally {
    await rm(temporary, { recursive: true, force: true, maxRetries: 3 });
    process.removeListener('exit', removeAtExit);
  }
}

/**
 * A directory beside the first target that can be written: renaming works only on one file system.
 */
async function makeTemporary(
  targets: readonly string[],
): Promise<{ target: string; temporary: string }> {
  let reason: unknown;
  for (const target of targets) {
    const parent = dirname(target);
    try {
      await makeFolders(parent);
      await removeLeftBehind(parent);
      return { target, temporary: await mkdtemp(join(parent, TEMPORARY_PREFIX)) };
    } catch (error) {
      reason = error;
    }
  }
  throw installFailure(
    `none of these directories can be written: ${targets.map((target) => dirname(target)).join(', ')}`,
    { cause: reason },
  );
}

/**
 * Renames what was installed. A tor that is there already and no older stays: another process may
 * be about to start it.
 */
async function moveTo(
  target: string,
  temporary: string,
  version: string,
  signal: AbortSignal | undefined,
): Promise<TorProgram> {
  const aside = `${temporary}-old`;
  try {
    for (let attempt = 0; attempt < 5; attempt++) {
      try {
        await rename(temporary, target);
        return await readInstalled(target, signal);
      } catch (error) {
        if (!['ENOTEMPTY', 'EEXIST', 'EPERM'].includes(systemCode(error) ?? '')) throw error;
      }
      // One that does not run is replaced.
      const there = await readInstalled(target, signal).catch(() => undefined);
      signal?.throwIfAborted();
      if (there !== undefined && compareVersions(there.version, version) >= 0) return there;
      await rename(target, aside).catch((error: unknown) => {
        if (systemCode(error) !== 'ENOENT') throw error; // else another installation was faster
      });
    }
    throw installFailure(`${target} is in the way and cannot be replaced`);
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
      () => 0, // its owner has just removed it
    );
    if (age > LEFT_BEHIND_MS) await rm(path, { recursive: true, force: true });
  }
}
