import { isUtf8 } from 'node:buffer';
import { type BigIntStats, lstatSync, readdirSync, readlinkSync, statSync } from 'node:fs';
import path from 'node:path';
import { OnionferryError } from '../../base/errors.js';
import { nextTurn, Turns } from '../../disk/small-file.js';
import { unreadable } from '../../disk/unreadable.js';
import { type Entry, MANIFEST_ENTRIES_MAX, PATH_DEPTH_MAX } from '../../stream/manifest.js';
import type { FileIdentity } from './file-identity.js';

export interface Scan {
  readonly entries: Entry[];
  /** By index in `entries`, for files only. */
  readonly files: Map<number, FileIdentity>;
  readonly warnings: string[];
}

/**
 * Lists what is at `paths`: each under its own last name, folders with everything in them.
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
  const turns = new Turns();
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
    const stats = readable(given, () => statSync(absolute, { bigint: true }));
    if (!stats.isFile() && !stats.isDirectory()) {
      throw new OnionferryError('ERR_SOURCE', `${given} is neither a file nor a folder`);
    }
    await add(scan, absolute, [name], stats, { ...options, turns });
  }
  return scan;
}

async function add(
  scan: Scan,
  absolute: string,
  names: readonly string[],
  stats: BigIntStats,
  options: { readonly signal?: AbortSignal | undefined; readonly turns: Turns },
): Promise<void> {
  if (options.turns.count()) await nextTurn();
  options.signal?.throwIfAborted();
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
    for (const name of list(absolute)) {
      const child = path.join(absolute, name);
      const childStats = readable(child, () => lstatSync(child, { bigint: true }));
      await add(scan, child, [...names, name], childStats, options);
    }
  } else if (stats.isSymbolicLink()) {
    const target = readable(absolute, () => readlinkSync(absolute));
    scan.entries.push({ type: 'link', path: names, target });
  } else {
    scan.warnings.push(`${absolute} is neither a file nor a folder and was left out`);
  }
}

/** Names in the same order on every machine, so that the same folder makes the same manifest. */
function list(folder: string): string[] {
  const names = readable(folder, () => readdirSync(folder, { encoding: 'buffer' }));
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

function readable<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw unreadable(what, cause);
  }
}
