import { createHash } from 'node:crypto';
import { constants, lstatSync, readlinkSync, type Stats } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { NO_LINK } from '../../disk/open-flags.js';
import { nextTurn, Turns } from '../../disk/small-file.js';
import { unwritable } from '../../disk/unwritable.js';
import type { PlannedMoves } from '../record/move-journal.js';
import type { LocalEntry } from './local-path.js';

export interface LeftTree {
  /** The staging folder. */
  readonly path: string;
  readonly entries: readonly LocalEntry[];
}

/**
 * Whether all that an earlier process has left to be moved is what was sent: each file has its
 * SHA-256, whichever of its names is left, and links and folders are those that were made.
 *
 * What the earlier process has moved is gone from here. Of the last moves it is not known whether they
 * were made: what is gone from here and not under its final name either was removed by somebody. A
 * file may have been linked to its final name and not be unlinked yet: that one is the user's
 * already, who may have changed it.
 *
 * @throws OnionferryError ERR_DESTINATION
 */
export async function isUnchanged(
  tree: LeftTree,
  directory: string,
  { hashes, moves, done }: PlannedMoves,
): Promise<boolean> {
  const order = new Map(moves.map(({ from }, index) => [key(from), index]));
  const isMoved = async (
    names: readonly string[],
    sha256: string | undefined,
  ): Promise<boolean> => {
    const index = nearest(order, names);
    // It was not to be moved.
    if (index === undefined) return true;
    const { from, to, replaces } = moves[index] ?? { from: [], to: [] };
    if (statOf(path.join(tree.path, ...from)) !== undefined) return false;
    if (index < done) return true;
    const target = path.join(directory, ...to);
    if (statOf(target)?.isFile() === true && replaces === true) {
      return (await sha256Of(target)) === sha256;
    }
    return statOf(target) !== undefined;
  };
  const targets = new Map(moves.map(({ from, to }) => [key(from), path.join(directory, ...to)]));
  /** By device and inode: a file with many names is read once. */
  const files = new Map<string, { staged: string; sha256: string | undefined }>();
  const turns = new Turns();
  for (const [index, { entry, path: names, isUnwanted }] of tree.entries.entries()) {
    if (isUnwanted === true) continue;
    if (turns.count()) await nextTurn();
    const staged = path.join(tree.path, ...names);
    const found = statOf(staged);
    const sha256 = hashes.get(entry.type === 'hardlink' ? entry.file : index);
    if (found === undefined) {
      // A link may have been left out.
      if (entry.type !== 'link' && !(await isMoved(names, sha256))) return false;
    } else if (entry.type === 'folder') {
      if (!found.isDirectory()) return false;
    } else if (entry.type === 'link') {
      if (!found.isSymbolicLink() || readlinkSync(staged) !== entry.target) return false;
    } else {
      if (!found.isFile()) return false;
      if (isSame(found, targets.get(key(names)))) continue;
      const id = found.nlink > 1 ? `${found.dev} ${found.ino}` : staged;
      const other = files.get(id);
      if (other !== undefined && other.sha256 !== sha256) return false;
      files.set(id, { staged, sha256 });
    }
  }
  for (const { staged, sha256 } of files.values()) {
    if ((await sha256Of(staged)) !== sha256) return false;
  }
  return true;
}

/** The move of an entry itself, or of the nearest folder that it is in. */
function nearest(order: ReadonlyMap<string, number>, names: readonly string[]): number | undefined {
  for (let depth = names.length; depth > 0; depth--) {
    const index = order.get(key(names.slice(0, depth)));
    if (index !== undefined) return index;
  }
  return undefined;
}

function key(names: readonly string[]): string {
  return names.join('/');
}

function isSame(found: Stats, target: string | undefined): boolean {
  if (found.nlink === 1 || target === undefined) return false;
  const final = statOf(target);
  return final !== undefined && final.dev === found.dev && final.ino === found.ino;
}

function statOf(at: string): Stats | undefined {
  try {
    return lstatSync(at, { throwIfNoEntry: false });
  } catch (cause) {
    throw unwritable(at, cause);
  }
}

/** @throws OnionferryError ERR_DESTINATION */
async function sha256Of(staged: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    const file = await open(staged, constants.O_RDONLY | NO_LINK);
    // Without an encoding, these are buffers; the stream closes the file.
    const content = file.createReadStream() as AsyncIterable<Buffer>;
    for await (const part of content) hash.update(part);
    return hash.digest('hex');
  } catch (cause) {
    throw unwritable(staged, cause);
  }
}
