import { lstat, mkdtemp, readdir, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OnionferryError } from '../base/errors.js';
import { type FileLock, tryLockFile } from './file-lock.js';
import { removeAtExit } from './remove-at-exit.js';

/** The smallest sun_path is 104 bytes with its NUL (macOS; Linux has 108). */
const SOCKET_PATH_BYTES_MAX = 103;
/** No socket's name in a run directory is longer. */
const NAME_BYTES_MAX = 16;
const PREFIX = 'onionferry-run-';
const LOCK = 'lock';
/** A run directory without its lock taken is left over only once it is older than any start. */
const START_MS = 10_000;

/** A directory for sockets and keys of one run, for this user alone (mode 0700). */
export interface RunDirectory {
  readonly path: string;
  /** Removes it with everything in it. */
  readonly remove: () => Promise<void>;
}

/** Whether `path` lies in a run directory, be it of this process or of another. */
export function isInRunDirectory(path: string): boolean {
  return path.split(/[\\/]/).some((name) => name.startsWith(PREFIX));
}

/**
 * Makes a run directory, with a path short enough for unix sockets, and removes those that
 * killed processes have left.
 *
 * @throws OnionferryError ERR_TOR_START if there is no place for one
 */
export async function createRunDirectory(): Promise<RunDirectory> {
  let cause: unknown;
  for (const parent of await parents()) {
    try {
      return await createIn(parent);
    } catch (error) {
      cause = error;
    }
  }
  throw new OnionferryError(
    'ERR_TOR_START',
    `no place for sockets in ${tmpdir()}; set TMPDIR to a short path that can be written to`,
    { cause },
  );
}

async function createIn(parent: string): Promise<RunDirectory> {
  await sweep(parent);
  const path = await mkdtemp(join(parent, PREFIX));
  let lock: FileLock | undefined;
  try {
    lock = await tryLockFile(join(path, LOCK));
    if (lock === undefined) throw new Error('a new lock file is taken');
  } catch (error) {
    await rm(path, { recursive: true, force: true });
    throw error;
  }
  const { release } = lock;
  const forget = removeAtExit(path);
  const remove = async (): Promise<void> => {
    await rm(path, { recursive: true, force: true, maxRetries: 3 });
    forget();
    await release();
  };
  let removed: Promise<void> | undefined;
  return { path, remove: () => (removed ??= remove()) };
}

/** XDG_RUNTIME_DIR lies in memory and is the user's own; the others are for those without it. */
async function parents(): Promise<string[]> {
  const usable: string[] = [];
  for (const given of [process.env['XDG_RUNTIME_DIR'], tmpdir(), '/tmp']) {
    if (given === undefined || given === '') continue;
    const parent = await realpath(given).catch(() => undefined);
    if (parent === undefined) continue;
    const longest = join(parent, `${PREFIX}XXXXXX`, 'x'.repeat(NAME_BYTES_MAX));
    if (Buffer.byteLength(longest) <= SOCKET_PATH_BYTES_MAX) usable.push(parent);
  }
  return usable;
}

async function sweep(parent: string): Promise<void> {
  const names = await readdir(parent).catch(() => []);
  for (const name of names.filter((entry) => entry.startsWith(PREFIX))) {
    // Whatever fails here belongs to somebody else, or is being removed by its owner.
    await sweepOne(join(parent, name)).catch(() => undefined);
  }
}

async function sweepOne(path: string): Promise<void> {
  const found = await lstat(path);
  const isOurs = found.isDirectory() && found.uid === (process.getuid?.() ?? found.uid);
  if (!isOurs || Date.now() - found.ctimeMs < START_MS) return;
  const lock = await tryLockFile(join(path, LOCK), { create: false });
  if (lock === undefined) return;
  await rm(path, { recursive: true, force: true });
  await lock.release();
}
