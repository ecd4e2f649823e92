import { lstatSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { printable } from '../../base/printable.js';
import { countText } from '../../base/quantities.js';
import { nextTurn, Turns } from '../../disk/small-file.js';
import { unwritable } from '../../disk/unwritable.js';
import { movesWithin } from '../record/move-journal.js';
import type { LocalEntry } from './local-path.js';

/** Names that are told one by one. */
const TOLD_MAX = 20;

export interface StagedNames {
  /** The staging folder. */
  readonly path: string;
  readonly entries: readonly LocalEntry[];
}

/**
 * Removes what somebody else has put among staged files: it would get its final name with the folder
 * that it is in, as if it had been sent.
 *
 * @returns warnings that name it
 * @throws OnionferryError ERR_DESTINATION
 */
export async function removeUnsent(tree: StagedNames): Promise<string[]> {
  const removed: string[] = [];
  const turns = new Turns();
  const folders = namesByFolder(tree.entries);
  folders.get('')?.add(movesWithin(tree.path));
  for (const [folder, sent] of folders) {
    const at = path.join(tree.path, folder);
    try {
      for (const name of unsent(at, sent)) {
        rmSync(path.join(at, name), { recursive: true, force: true });
        removed.push(printable(path.posix.join(folder, name)));
      }
    } catch (cause) {
      throw unwritable(at, cause);
    }
    if (turns.count()) await nextTurn();
  }
  const told = removed.slice(0, TOLD_MAX);
  const more = removed.length - told.length;
  return [
    ...told.map(
      (name) => `${name} was put among what was received, but was not sent: it was removed`,
    ),
    ...(more > 0 ? [`${countText(more, 'more name')} of that kind`] : []),
  ];
}

/** What was sent into each folder, the topmost included, by its path with '/'. */
function namesByFolder(entries: readonly LocalEntry[]): Map<string, Set<string>> {
  const folders = new Map<string, Set<string>>([['', new Set()]]);
  for (const { entry, path: names, isUnwanted } of entries) {
    if (isUnwanted === true) continue;
    if (entry.type === 'folder') folders.set(names.join('/'), new Set());
    folders.get(names.slice(0, -1).join('/'))?.add(names.at(-1) ?? '');
  }
  return folders;
}

function unsent(folder: string, sent: ReadonlySet<string>): string[] {
  const found = lstatSync(folder, { throwIfNoEntry: false });
  // It has its final name already, or somebody has put a link there: that is noticed elsewhere.
  if (found?.isDirectory() !== true) return [];
  const told = new Set(readdirSync(folder));
  const others = [...told].filter((name) => !sent.has(name));
  if (others.length === 0) return [];
  // A file system may tell a name otherwise than it was given, such as decomposed.
  const otherwise = [...sent].filter((name) => !told.has(name));
  const ours = new Set(otherwise.map((name) => inodeOf(folder, name)));
  return others.filter((name) => !ours.has(inodeOf(folder, name)));
}

function inodeOf(folder: string, name: string): number | undefined {
  return lstatSync(path.join(folder, name), { throwIfNoEntry: false })?.ino;
}
