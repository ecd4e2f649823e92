import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  unlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { systemCode } from '../../base/system-error.js';
import { CREATE_NEW } from '../open-flags.js';
import { unwritable } from '../unwritable.js';
import type { AskedNames } from './local-folder.js';
import { isPlainName, similarNames } from './local-name.js';

/** Each breaks another rule of some file system: FAT, NTFS, SMB, HFS+, encrypted folders. */
const AWKWARD = [
  'twelve:thirty',
  'what?*"<>|',
  'back\\slash',
  'dot.',
  'space ',
  'u\u0308ber',
  'été',
  '👪🏽',
  'x'.repeat(255),
];
/** Failures that a name cannot be the reason of. */
const NOT_BY_NAME: ReadonlySet<string | undefined> = new Set([
  'EDQUOT',
  'EIO',
  'EMFILE',
  'ENFILE',
  'ENOSPC',
  'EROFS',
]);

/**
 * Asks a folder's file system, by trying, which names it takes and which it takes for the same.
 *
 * @returns undefined if it takes all and confuses none
 * @throws OnionferryError ERR_DESTINATION, ERR_DISK_FULL if nothing can be written there
 */
export function askNames(directory: string): AskedNames | undefined {
  try {
    const [foldsCase, composes, takesAll] = inScratch(directory, (scratch) => [
      isOne(scratch, 'name', 'NAME'),
      isOne(scratch, 'ü', 'u\u0308'),
      AWKWARD.every((name) => takes(scratch, name)),
    ]);
    if (takesAll && !foldsCase && !composes) return undefined;
    const known = new Map<string, string>();
    return {
      legal(name): string {
        if (isPlainName(name)) return name;
        const legal = known.get(name) ?? legalName(directory, name);
        known.set(name, legal);
        return legal;
      },
      fold(name): string {
        const composed = composes || foldsCase ? name.normalize('NFC') : name;
        // Upper case first: it makes one of more letters than lower case does.
        return foldsCase ? composed.toUpperCase().toLowerCase() : composed;
      },
    };
  } catch (cause) {
    throw unwritable(directory, cause);
  }
}

function legalName(directory: string, name: string): string {
  return inScratch(directory, (scratch) => {
    const legal = [name, ...similarNames(name)].find((similar) => takes(scratch, similar));
    // If it does not even take the last one, the failure is told when it is written.
    return legal ?? name;
  });
}

/** Works in a folder of its own, where no other name is in the way. */
function inScratch<T>(directory: string, work: (scratch: string) => T): T {
  const scratch = join(directory, `.onionferry-${randomBytes(6).toString('hex')}.names`);
  mkdirSync(scratch, { mode: 0o700 });
  try {
    return work(scratch);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function isOne(scratch: string, first: string, second: string): boolean {
  // Where even the first is refused, that shows when it is asked for.
  if (!make(scratch, first)) return false;
  const isSecond = make(scratch, second);
  unlinkSync(join(scratch, first));
  if (isSecond) unlinkSync(join(scratch, second));
  return !isSecond;
}

/** Whether a file gets this very name, not another one such as without a dot at the end. */
function takes(scratch: string, name: string): boolean {
  if (!make(scratch, name)) return false;
  const made = readdirSync(scratch);
  for (const each of made) unlinkSync(join(scratch, each));
  const same = (text: string): string => text.normalize('NFC').toLowerCase();
  return made.some((each) => same(each) === same(name));
}

function make(scratch: string, name: string): boolean {
  try {
    closeSync(openSync(join(scratch, name), constants.O_WRONLY | CREATE_NEW, 0o600));
    return true;
  } catch (error) {
    if (NOT_BY_NAME.has(systemCode(error))) throw error;
    return false;
  }
}
