import { access, constants, mkdir, readdir, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { OnionferryError } from '../../base/errors.js';
import { privateApt } from './apt.js';
import { missingLibraries, packagesWith } from './missing-libraries.js';
import type { InstallStep } from './progress.js';
import { runProgram } from './run.js';
import { ownEnvironment } from './tor-program.js';
import type { Installed } from './vendored.js';

const PROGRAM = 'usr/bin/tor';
const UNPACK_DEADLINE_MS = 120_000;

/** Libraries that need libraries: each round fetches what the ones before turned out to lack. */
const ROUNDS_MAX = 6;

/** Whether this is Debian or a derivative: both programs that the installation needs are there. */
export async function hasApt(): Promise<boolean> {
  try {
    await access('/usr/bin/apt-get', constants.X_OK);
    await access('/usr/bin/dpkg-deb', constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Unpacks Debian's tor, and those libraries it needs that this machine lacks, into
 * `step.directory`. Needs no root; apt checks signatures and hashes with the system's sources and
 * keyrings, as for any installation.
 *
 * @throws OnionferryError ERR_TOR_INSTALL, its message a clause without a remedy; the signal's reason
 */
export async function installByApt(step: InstallStep): Promise<Installed> {
  const { directory, signal } = step;
  const work = join(directory, 'apt');
  await mkdir(work);
  const apt = privateApt(work, step);
  const complaint = await apt.update();
  const dependencies = new Set<string>();
  const fetched = new Set<string>();
  let wanted: readonly string[] = ['tor'];
  let missing: readonly string[] = [];
  for (let round = 0; round <= ROUNDS_MAX && wanted.length > 0; round++) {
    for (const file of await apt.download(wanted).catch((error: unknown) => {
      throw withComplaint(error, complaint);
    })) {
      step.onProgress({ phase: 'unpack', bytes: 0, summary: 'Debian’s packages' });
      await unpack(file, step);
      for (const name of await dependenciesOf(file, signal)) dependencies.add(name);
    }
    wanted.forEach((name) => fetched.add(name));
    const libraryPath = await librariesIn(directory);
    missing = await missingLibraries(
      join(directory, PROGRAM),
      libraryPath.map((part) => join(directory, part)).join(delimiter) || undefined,
      signal,
    );
    wanted =
      missing.length === 0
        ? []
        : packagesWith(
            missing,
            [...dependencies].filter((name) => !fetched.has(name)),
          );
  }
  if (missing.length > 0) {
    throw new OnionferryError(
      'ERR_TOR_INSTALL',
      `no Debian package was found for ${missing.join(', ')}`,
    );
  }
  await rm(work, { recursive: true, force: true });
  return { source: 'apt', program: PROGRAM, libraries: await librariesIn(directory) };
}

async function unpack(file: string, { directory, signal }: InstallStep): Promise<void> {
  const { status, stderr } = await runProgram('dpkg-deb', ['-x', file, directory], {
    env: ownEnvironment(),
    deadlineMs: UNPACK_DEADLINE_MS,
    signal,
  });
  if (status === 0) return;
  throw new OnionferryError('ERR_TOR_INSTALL', `dpkg-deb cannot unpack it (${stderr.trim()})`);
}

/** Names of the packages that a package depends on, alternatives included. */
async function dependenciesOf(file: string, signal?: AbortSignal): Promise<string[]> {
  const { stdout } = await runProgram('dpkg-deb', ['-f', file, 'Pre-Depends', 'Depends'], {
    env: ownEnvironment(),
    deadlineMs: UNPACK_DEADLINE_MS,
    signal,
  });
  return stdout
    .split(/[\n,|]/)
    .map((text) => /^(?:(?:Pre-)?Depends:)?\s*([a-z0-9][a-z0-9+.-]+)/.exec(text)?.[1] ?? '')
    .filter((name) => name !== '');
}

/** The directories with shared libraries among what was unpacked, relative to `directory`. */
async function librariesIn(directory: string): Promise<string[]> {
  const found: string[] = [];
  for (const parent of ['usr/lib', 'lib']) {
    const names = await readdir(join(directory, parent)).catch(() => []);
    for (const name of names) {
      const files = await readdir(join(directory, parent, name)).catch(() => []);
      if (files.some((file) => /\.so(\.|$)/.test(file))) found.push(`${parent}/${name}`);
    }
  }
  return found;
}

/** What went wrong with the package lists is the reason why a package was not found in them. */
function withComplaint(error: unknown, complaint: string | undefined): unknown {
  if (complaint === undefined || !(error instanceof OnionferryError)) return error;
  if (error.code !== 'ERR_TOR_INSTALL') return error;
  return new OnionferryError(error.code, `${error.message}, after complaining: ${complaint}`, {
    cause: error,
  });
}
