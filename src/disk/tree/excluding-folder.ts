import { readFileSync } from 'node:fs';
import { OnionferryError } from '../../base/errors.js';
import type { Exclusion, RuleFiles } from './exclusion.js';
import { RULES_MAX_BYTES } from './exclusion.js';
import { type Folder, kindsByLooking, type OpenFile } from './folder.js';

/**
 * A folder without what is left out on request. Disposing of it disposes of the folder.
 *
 * @param exclusionOf what counts for a name; undefined if nothing does
 * @param nameOf what a name is called where the rules are, if it is shown as another
 */
export function excludingFolder(
  folder: Folder,
  exclusionOf: (name: string) => Exclusion | undefined,
  nameOf: (name: string) => string = (name) => name,
): Folder {
  const excludes = (name: string, isFolder: boolean): boolean =>
    exclusionOf(name)?.excludes(nameOf(name), isFolder) === true;
  const isIn = (name: string): boolean => {
    const [asFile, asFolder] = [excludes(name, false), excludes(name, true)];
    if (asFile === asFolder) return !asFile;
    return folder.look(name)?.isDirectory() === true ? !asFolder : !asFile;
  };
  const names = (): string[] => folder.names().filter(isIn);
  return {
    names,
    readNames: async () => (await folder.readNames()).filter(isIn),
    kinds: () => kindsByLooking({ names, look: (name) => folder.look(name) }),
    look: (name) => (isIn(name) ? folder.look(name) : undefined),
    glances() {
      const glance = folder.glances();
      return (name) => (isIn(name) ? glance(name) : undefined);
    },
    whyHidden: (name) => (isIn(name) ? folder.whyHidden(name) : 'gone'),
    // A change of the rules, here or further up, would not show.
    state: () => undefined,
    folder(name): Folder | undefined {
      const inner = excludes(name, true) ? undefined : folder.folder(name);
      if (inner === undefined) return undefined;
      const within = exclusionOf(name)?.enter(nameOf(name), ruleFilesOf(inner));
      return excludingFolder(inner, () => within);
    },
    file: (name) => (excludes(name, false) ? undefined : folder.file(name)),
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

function ruleFilesOf(folder: Folder): RuleFiles {
  return {
    get isTop(): boolean {
      return folder.names().includes('.git');
    },
    read(...names): string | undefined {
      using file = fileIn(folder, names);
      if (file === undefined) return undefined;
      if (file.stats.size > RULES_MAX_BYTES) throw unreadableRules(names);
      return readFileSync(file.fd, 'utf8');
    },
  };
}

function fileIn(folder: Folder, [first = '', ...rest]: readonly string[]): OpenFile | undefined {
  if (rest.length === 0) {
    const file = folder.file(first);
    // Rules that are there and cannot be read leave out everything, rather than nothing.
    if (file === undefined && isThere(folder, first)) throw unreadableRules([first]);
    return file;
  }
  using inner = folder.folder(first);
  return inner && fileIn(inner, rest);
}

function isThere(folder: Folder, name: string): boolean {
  return folder.names().includes(name) && folder.look(name)?.isDirectory() !== true;
}

function unreadableRules(names: readonly string[]): OnionferryError {
  return new OnionferryError('ERR_SOURCE', `the rules in ${names.join('/')} cannot be read`);
}
