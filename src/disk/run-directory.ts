import { lstat, mkdtemp, readdir, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OnionferryError } from '../base/errors.js';
import { type LockedFolder, lockFolder, removeIfAbandoned } from './locked-folder.js';

/** The smallest sun_path is 104 bytes with its NUL (macOS; Linux has 108). */
const SOCKET_PATH_BYTES_MAX = 103;
/** No socket's name in a run directory is longer. */
const NAME_BYTES_MAX = 16;
const PREFIX = 'onionferry-run-';
/** A run directory whose lock is free is abandoned only if it is older than any start takes. */
const START_MS = 10_000;

/** For the sockets and keys of one run, for this user alone (mode 0700). */
export type RunDirectory = LockedFolder;

/** The run directory that `path` is or is in, of this process or another. */
export function runDirectoryAround(path: string): string | undefined {
  return new RegExp(`^.*?[\\\\/]${PREFIX}[^\\\\/]+`, 's').exec(path)?.[0];
}

/**
 * Makes a run directory with a path short enough for unix sockets, and removes those that killed
 * processes left.
 *
 * @throws OnionferryError ERR_TOR_START if none can be made
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
    `there is no room for sockets in ${tmpdir()}; set TMPDIR to a short path that can be written to`,
    { cause },
  );
}

async function createIn(parent: string): Promise<RunDirectory> {
  await sweep(parent);
  const path = await mkdtemp(join(parent, PREFIX));
  try {
    const locked = await lockFolder(path);
    if (locked === undefined) throw new Error(`${path} was removed by somebody else`);
    return locked;
  } catch (error) {
    await rm(path, { recursive: true, force: true });
    throw error;
  }
}

/** XDG_RUNTIME_DIR is in memory and the user's own; the others are for those without it. */
async function parents(): Promise<string[]> {
  const usable: string[] = [];
  for (const given of [process.env['XDG_RUNTIME_DIR'], tmpdir(), '/tmp']) {
    if (given === undefined || given === '') continue;
    // One that is not there is not used.
    const parent = await realpath(given).catch(() => undefined);
    if (parent === undefined) continue;
    const longest = join(parent, `${PREFIX}XXXXXX`, 'x'.repeat(NAME_BYTES_MAX));
    if (Buffer.byteLength(longest) <= SOCKET_PATH_BYTES_MAX) usable.push(parent);
  }
  return usable;
}

async function sweep(parent: string): Promise<void> {
  // A parent that cannot be read has nothing to sweep; that it can be written shows when it is used.
  const names = await readdir(parent).catch(() => []);
  for (const name of names.filter((entry) => entry.startsWith(PREFIX))) {
    // What fails here belongs to somebody else, or is just being removed by its owner.
    await sweepOne(join(parent, name)).catch(() => undefined);
  }
}

async function sweepOne(path: string): Promise<void> {
  const found = await lstat(path);
  const isOurs = found.isDirectory() && found.uid === (process.getuid?.() ?? found.uid);
  if (!isOurs || Date.now() - found.ctimeMs < START_MS) return;
  await removeIfAbandoned(path);
}
