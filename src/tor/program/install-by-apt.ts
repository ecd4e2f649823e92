import { mkdir, readdir, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { hasCode, OnionferryError } from '../../base/errors.js';
import { privateApt } from './apt.js';
import { childEnvironment } from './child-environment.js';
import { isExecutable } from './find-tor.js';
import { type Installed, type InstallStep, installFailure } from './installation.js';
import { missingLibraries, packagesWith } from './missing-libraries.js';
import { runProgram } from './run-program.js';

const PROGRAM = 'usr/bin/tor';
const UNPACK_DEADLINE_MS = 120_000;

/** Libraries need libraries: each round fetches what those of the last turned out to lack. */
const ROUNDS_MAX = 6;

/** Whether this is Debian or a derivative: both programs that the installation needs are there. */
export async function hasApt(): Promise<boolean> {
  return await isExecutable('/usr/bin/apt-get', '/usr/bin/dpkg-deb');
}

/**
 * Unpacks Debian's tor, and those libraries it needs that this machine lacks, into
 * `step.directory`. Needs no root; apt checks signatures and hashes with the system's sources and
 * keyrings, as for any installation.
 *
 * @throws OnionferryError ERR_TOR_INSTALL, its message a clause without a remedy; the signal's
 *   reason
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
    throw installFailure(`no Debian package was found for ${missing.join(', ')}`);
  }
  await rm(work, { recursive: true, force: true });
  return { source: 'apt', program: PROGRAM, libraries: await librariesIn(directory) };
}

async function unpack(file: string, { directory, signal }: InstallStep): Promise<void> {
  const { status, stderr } = await runProgram('dpkg-deb', ['-x', file, directory], {
    env: childEnvironment(),
    deadlineMs: UNPACK_DEADLINE_MS,
    signal,
  });
  if (status === 0) return;
  throw installFailure(`dpkg-deb cannot unpack it (${stderr.trim()})`);
}

/** Names of the packages that a package depends on, alternatives included. */
async function dependenciesOf(file: string, signal?: AbortSignal): Promise<string[]> {
  const { stdout } = await runProgram('dpkg-deb', ['-f', file, 'Pre-Depends', 'Depends'], {
    env: childEnvironment(),
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
    // Not every package has both; files among the directories hold nothing.
    const names = await readdir(join(directory, parent)).catch(() => []);
    for (const name of names) {
      const files = await readdir(join(directory, parent, name)).catch(() => []);
      if (files.some((file) => /\.so(\.|$)/.test(file))) found.push(`${parent}/${name}`);
    }
  }
  return found;
}

/** A package is missing from the lists because of what went wrong when they were fetched. */
function withComplaint(error: unknown, complaint: string | undefined): unknown {
  if (complaint === undefined || !hasCode(error, 'ERR_TOR_INSTALL')) return error;
  return new OnionferryError(error.code, `${error.message}, after complaining: ${complaint}`, {
    cause: error,
  });
}
