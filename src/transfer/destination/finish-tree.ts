import { chmodSync, symlinkSync, utimesSync } from 'node:fs';
import { nextTurn, Turns } from '../../disk/small-file.js';
import { unwritable } from '../../disk/unwritable.js';
import { isContainedLink, type LocalEntry } from './local-path.js';

/**
 * Gives a staged tree its links, times and permissions, when all files are written.
 *
 * Links come last: nothing is ever written while one stands in the staged tree.
 *
 * @param pathOf where an entry is staged
 * @param umask permissions that this user gives to nobody
 * @returns warnings about what was left out
 * @throws OnionferryError ERR_DESTINATION
 */
export async function finishTree(
  entries: readonly LocalEntry[],
  pathOf: (names: readonly string[]) => string,
  umask: number,
): Promise<string[]> {
  const warnings = makeLinks(entries, pathOf);
  const turns = new Turns();
  // Deepest first: writing into a folder changes its time, and needs its permission.
  for (const { entry, path } of [...entries].reverse()) {
    if (entry.type === 'link') continue;
    const staged = pathOf(path);
    try {
      // Half a microsecond more: the quotient may lie below the microsecond that was sent.
      const seconds = (entry.mtime + 0.0005) / 1000;
      utimesSync(staged, seconds, seconds);
      // The owner may always read files, and change folders: it must be possible to remove them.
      chmodSync(staged, (entry.mode & ~umask) | (entry.type === 'folder' ? 0o700 : 0o400));
    } catch (cause) {
      throw unwritable(staged, cause);
    }
    if (turns.count()) await nextTurn();
  }
  return warnings;
}

function makeLinks(
  entries: readonly LocalEntry[],
  pathOf: (names: readonly string[]) => string,
): string[] {
  const warnings: string[] = [];
  for (const { entry, path } of entries) {
    if (entry.type !== 'link') continue;
    if (!isContainedLink(entry.path, entry.target)) {
      warnings.push(`${path.join('/')} was left out: it is a link to outside of what was sent`);
      continue;
    }
    try {
      symlinkSync(entry.target, pathOf(path));
    } catch {
      warnings.push(`${path.join('/')} was left out: this system makes no such link`);
    }
  }
  return warnings;
}
