import { isUtf8 } from 'node:buffer';
import type { BigIntStats } from 'node:fs';
import { lstat, readdir, readlink, stat } from 'node:fs/promises';
import path from 'node:path';
import { OnionferryError } from '../../base/errors.js';
import { type Entry, MANIFEST_ENTRIES_MAX, PATH_DEPTH_MAX } from '../../stream/manifest.js';

/** By what a file is known to be the one that was scanned. */
export interface FileIdentity {
  readonly path: string;
  readonly dev: bigint;
  readonly ino: bigint;
  readonly size: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
}

export interface Scan {
  readonly entries: Entry[];
  /** By index in `entries`, for files only. */
  readonly files: Map<number, FileIdentity>;
  readonly warnings: string[];
}

/**
 * Lists what stands at `paths`: each under its own last name, folders with all they hold.
 *
 * A link named by the user is followed; one inside a folder travels as a link.
 *
 * @throws OnionferryError ERR_SOURCE if something cannot be read or two paths share a name
 */
export async function scanPaths(
  paths: readonly string[],
  options: { signal?: AbortSignal | undefined } = {},
): Promise<Scan> {
  const scan: Scan = { entries: [], files: new Map(), warnings: [] };
  const names = new Map<string, string>();
  for (const given of paths) {
    const absolute = path.resolve(given);
    const name = path.basename(absolute);
    if (name === '') throw new OnionferryError('ERR_SOURCE', `${given} has no name to send it by`);
    const other = names.get(name);
    if (other !== undefined) {
      throw new OnionferryError(
        'ERR_SOURCE',
        `${other} and ${given} would both arrive as "${name}"; send them one after the other`,
      );
    }
    names.set(name, given);
    const stats = await readable(given, () => stat(absolute, { bigint: true }));
    if (!stats.isFile() && !stats.isDirectory()) {
      throw new OnionferryError('ERR_SOURCE', `${given} is neither a file nor a folder`);
    }
    await add(scan, absolute, [name], stats, options.signal);
  }
  return scan;
}

async function add(
  scan: Scan,
  absolute: string,
  names: readonly string[],
  stats: BigIntStats,
  signal: AbortSignal | undefined,
): Promise<void> {
  signal?.throwIfAborted();
  if (scan.entries.length >= MANIFEST_ENTRIES_MAX || names.length > PATH_DEPTH_MAX) {
    const [top = ''] = names;
    throw new OnionferryError(
      'ERR_SOURCE',
      `${top} holds too many files or folders; pack it first`,
    );
  }
  const mode = Number(stats.mode & 0o777n);
  const mtime = Number(stats.mtimeNs / 1000n) / 1000;
  if (stats.isFile()) {
    const { dev, ino, size, mtimeNs, ctimeNs } = stats;
    scan.files.set(scan.entries.length, { path: absolute, dev, ino, size, mtimeNs, ctimeNs });
    scan.entries.push({ type: 'file', path: names, size: Number(size), mode, mtime });
  } else if (stats.isDirectory()) {
    scan.entries.push({ type: 'folder', path: names, mode, mtime });
    for (const name of await list(absolute)) {
      const child = path.join(absolute, name);
      const childStats = await readable(child, () => lstat(child, { bigint: true }));
      await add(scan, child, [...names, name], childStats, signal);
    }
  } else if (stats.isSymbolicLink()) {
    const target = await readable(absolute, () => readlink(absolute));
    scan.entries.push({ type: 'link', path: names, target });
  } else {
    scan.warnings.push(`${absolute} is neither a file nor a folder and stays behind`);
  }
}

/** Names in one order on every machine, so that the same folder makes the same manifest. */
async function list(folder: string): Promise<string[]> {
  const names = await readable(folder, () => readdir(folder, { encoding: 'buffer' }));
  return names
    .map((name) => {
      // Such a name would come back changed, and its file could not be opened by it.
      if (!isUtf8(name)) {
        throw new OnionferryError(
          'ERR_SOURCE',
          `a name in ${folder} is not valid UTF-8; rename it first`,
        );
      }
      return name.toString();
    })
    .sort();
}

async function readable<T>(what: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    throw unreadable(what, cause);
  }
}

export function unreadable(what: string, cause: unknown): OnionferryError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  const why =
    code === 'ENOENT'
      ? 'does not exist'
      : code === 'EACCES' || code === 'EPERM'
        ? 'cannot be read: permission denied'
        : `cannot be read (${String(code)})`;
  return new OnionferryError('ERR_SOURCE', `${what} ${why}`, { cause });
}
