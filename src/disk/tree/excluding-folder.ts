import { readFileSync } from 'node:fs';
import type { Exclusion, RuleFiles } from './exclusion.js';
import { RULES_MAX_BYTES } from './exclusion.js';
import type { Folder, OpenFile } from './folder.js';

/**
 * A folder without what is left out on request. Disposing of it disposes of the folder.
 *
 * @param exclusionOf what counts for a name; undefined if nothing does
 */
export function excludingFolder(
  folder: Folder,
  exclusionOf: (name: string) => Exclusion | undefined,
): Folder {
  const excludes = (name: string, isFolder: boolean): boolean =>
    exclusionOf(name)?.excludes(name, isFolder) === true;
  const isIn = (name: string): boolean => {
    const [asFile, asFolder] = [excludes(name, false), excludes(name, true)];
    if (asFile === asFolder) return !asFile;
    return folder.look(name)?.isDirectory() === true ? !asFolder : !asFile;
  };
  return {
    names: () => folder.names().filter(isIn),
    look: (name) => (isIn(name) ? folder.look(name) : undefined),
    folder(name): Folder | undefined {
      const inner = excludes(name, true) ? undefined : folder.folder(name);
      if (inner === undefined) return undefined;
      const within = exclusionOf(name)?.enter(name, ruleFilesOf(inner));
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
      if (file === undefined || file.stats.size > RULES_MAX_BYTES) return undefined;
      return readFileSync(file.fd, 'utf8');
    },
  };
}

function fileIn(folder: Folder, [first = '', ...rest]: readonly string[]): OpenFile | undefined {
  if (rest.length === 0) return folder.file(first);
  using inner = folder.folder(first);
  return inner && fileIn(inner, rest);
}
