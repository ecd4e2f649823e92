import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolders } from '../../disk/make-folders.js';
import { childEnvironment } from './child-environment.js';
import { type InstallStep, installFailure } from './installation.js';
import { runProgram } from './run-program.js';

/** apt-get with a state and a cache of its own: it needs no root and changes nothing else. */
export interface PrivateApt {
  /** Fetches the package lists. @returns apt's most telling complaint, if any */
  update(): Promise<string | undefined>;
  /**
   * Fetches packages and lets apt verify them.
   *
   * @returns the paths of the .deb files
   * @throws OnionferryError ERR_TOR_INSTALL with apt's complaint
   */
  download(packages: readonly string[]): Promise<readonly string[]>;
}

/** apt has timeouts of its own for silence; this one ends a download that trickles. */
const APT_DEADLINE_MS = 15 * 60_000;
const PROGRESS_INTERVAL_MS = 250;

/** @param directory an existing, empty one for everything that apt writes */
export function privateApt(
  directory: string,
  { onProgress, signal }: Pick<InstallStep, 'onProgress' | 'signal'>,
): PrivateApt {
  const state = join(directory, 'state');
  const cache = join(directory, 'cache');
  const packagesDirectory = join(directory, 'packages');
  // Only where apt writes, and less to fetch. Sources, keyrings, proxies and preferences stay the
  // system's, and so does every setting about verification.
  const settings = Object.entries({
    'Dir::State': state,
    'Dir::State::lists': join(state, 'lists'),
    'Dir::Cache': cache,
    'Dir::Cache::archives': join(cache, 'archives'),
    'Dir::Log': join(directory, 'log'),
    'Acquire::Languages': 'none',
    ...Object.fromEntries(
      [
        'DEP-11',
        'DEP-11-icons-small',
        'DEP-11-icons',
        'DEP-11-icons-hidpi',
        'CNF',
        'Contents-deb',
      ].map((index) => [`Acquire::IndexTargets::deb::${index}::DefaultEnabled`, 'false']),
    ),
    'Acquire::Retries': '2',
    'Acquire::http::Timeout': '30',
    'Acquire::https::Timeout': '30',
  }).flatMap(([name, value]) => ['-o', `${name}=${value}`]);

  const run = async (
    args: readonly string[],
    watched: string,
    summary: string,
  ): Promise<[boolean, string]> => {
    for (const part of [join(state, 'lists/partial'), join(cache, 'archives/partial')]) {
      await makeFolders(part);
    }
    await makeFolders(packagesDirectory);
    const before = await bytesFetched(watched);
    let bytes = 0;
    const report = async (): Promise<void> => {
      bytes = Math.max(bytes, (await bytesFetched(watched)) - before); // apt deletes what it has converted
      onProgress({ phase: 'download', bytes, summary });
    };
    await report();
    const timer = setInterval(() => void report(), PROGRESS_INTERVAL_MS);
    try {
      const { status, stderr } = await runProgram('apt-get', [...settings, ...args], {
        cwd: packagesDirectory,
        env: { ...childEnvironment(), LC_ALL: 'C' },
        deadlineMs: APT_DEADLINE_MS,
        signal,
      });
      return [status === 0, stderr];
    } finally {
      clearInterval(timer);
    }
  };

  return {
    async update() {
      const [, stderr] = await run(['update'], state, 'Debian’s package lists');
      return complaint(stderr);
    },
    async download(packages) {
      const before = new Set(await readdir(packagesDirectory));
      const [ok, stderr] = await run(
        ['download', '--', ...packages],
        packagesDirectory,
        `Debian’s packages: ${packages.join(', ')}`,
      );
      const fetched = (await readdir(packagesDirectory)).filter(
        (name) => name.endsWith('.deb') && !before.has(name),
      );
      if (!ok || fetched.length < packages.length) {
        throw installFailure(
          `apt cannot fetch ${packages.join(', ')} (${complaint(stderr) ?? 'it did not say why'})`,
        );
      }
      return fetched.map((name) => join(packagesDirectory, name));
    },
  };
}

/** The most telling line that apt printed: a fetch that failed, else its last error or warning. */
function complaint(stderr: string): string | undefined {
  const lines = stderr.split('\n').filter((line) => /^[EW]: /.test(line));
  const telling =
    lines.find((line) => /^.: Failed to fetch/.test(line)) ??
    lines.findLast((line) => line.startsWith('E')) ??
    lines.at(-1);
  return telling?.slice(3, 300).trim().replace(/\.$/, '');
}

/** Bytes of all files that came over the network, as opposed to those that apt made of them. */
async function bytesFetched(directory: string): Promise<number> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(
    () => [], // apt removes what it has converted, also while this reads
  );
  const sizes = entries
    .filter((entry) => entry.isFile() && /Release$|\.(xz|gz|bz2|zst|deb)$/.test(entry.name))
    .map((entry) =>
      stat(join(entry.parentPath, entry.name)).then(
        ({ size }) => size,
        () => 0, // moved meanwhile
      ),
    );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
