import { closeSync, existsSync, fstatSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ignore, { type Ignore } from 'ignore';
import { OnionferryError } from '../../base/errors.js';
import { systemCode } from '../../base/system-error.js';
import { type SystemPath, shownPath, systemPath } from '../names/escaped-name.js';
import { READ } from '../open-flags.js';
import { unreadable } from '../unreadable.js';

/** What is left out on request. */
export interface ExclusionRules {
  /** In the form of `.gitignore`, for paths from the name of what was given on. */
  readonly patterns: readonly string[];
  /** Whether to leave out `.git`, and what git would ignore. */
  readonly gitIgnore: boolean;
}

/** Where the rules of one folder are read from. */
export interface RuleFiles {
  /** Whether a working tree begins there: rules from outside of it do not count. */
  readonly isTop: boolean;
  /** @returns undefined if there is no such file; throws OnionferryError ERR_SOURCE */
  read(...names: readonly string[]): string | undefined;
}

/** Rules are written by people; a longer file is something else. */
export const RULES_MAX_BYTES: number = 1024 * 1024;
const GIT = '.git';

/** Rules, and the way from the folder that they are written for to the present one. */
interface Level {
  readonly rules: Ignore;
  /** Empty, or with a slash at its end. */
  readonly way: string;
}

/**
 * What of one folder is left out. As in git, rules further down win, and what is in a folder that is
 * left out cannot be taken in again.
 */
export class Exclusion {
  readonly #patterns: Level | undefined;
  /** Of git, the nearest last; undefined if git's rules do not count. */
  readonly #git: readonly Level[] | undefined;

  private constructor(patterns: Level | undefined, git: readonly Level[] | undefined) {
    this.#patterns = patterns;
    this.#git = git;
  }

  /**
   * For what is given by `absolute`: of the folder that it is in, the rules up to the top of the
   * working tree count too.
   *
   * @throws OnionferryError ERR_SOURCE if rules cannot be read
   */
  static above(absolute: string, { patterns, gitIgnore }: ExclusionRules): Exclusion {
    const own = patterns.length === 0 ? undefined : { rules: rulesOf(patterns), way: '' };
    if (!gitIgnore) return new Exclusion(own, undefined);
    // A working tree has rules of its own only, whatever lies around it.
    const isTop = existsSync(path.join(absolute, GIT));
    return new Exclusion(own, isTop ? [] : levelsAbove(path.dirname(absolute)));
  }

  excludes(name: string, isFolder: boolean): boolean {
    if (name === GIT && this.#git !== undefined) return true;
    const shown = isFolder ? `${name}/` : name;
    if (this.#patterns !== undefined && judge(this.#patterns, shown) === true) return true;
    const verdicts = (this.#git ?? []).map((level) => judge(level, shown));
    return verdicts.findLast((verdict) => verdict !== undefined) ?? false;
  }

  /** For the content of a folder in this one. @throws OnionferryError ERR_SOURCE */
  enter(name: string, files: RuleFiles): Exclusion {
    const deeper = (level: Level): Level => ({ ...level, way: `${level.way}${name}/` });
    const patterns = this.#patterns && deeper(this.#patterns);
    if (this.#git === undefined) return new Exclusion(patterns, undefined);
    // Rules that leave out the folder itself, against nearer ones, would leave out all that is in it.
    const outer = files.isTop ? [] : this.#git.filter((level) => judge(level, `${name}/`) !== true);
    return new Exclusion(patterns, [...outer.map(deeper), ...levelsOf(files)]);
  }
}

/** For a folder that is given by its path. */
export function ruleFilesIn(folder: SystemPath): RuleFiles {
  const at = (...names: readonly string[]): SystemPath =>
    names.reduce((way, name) => systemPath(way, Buffer.from(name)), folder);
  return {
    get isTop(): boolean {
      return existsSync(at(GIT));
    },
    read: (...names) => readRulesFile(at(...names)),
  };
}

/** @returns undefined if nothing is there, or no file */
function readRulesFile(at: SystemPath): string | undefined {
  let fd: number | undefined;
  try {
    fd = openSync(at, READ);
    const stats = fstatSync(fd);
    if (!stats.isFile()) return undefined;
    if (stats.size <= RULES_MAX_BYTES) return readFileSync(fd, 'utf8');
    throw new OnionferryError('ERR_SOURCE', `${shownPath(at)} is too long for a list of patterns`);
  } catch (cause) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO'].includes(systemCode(cause) ?? '')) return undefined;
    throw cause instanceof OnionferryError ? cause : unreadable(shownPath(at), cause);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** @returns whether a name is left out; undefined if no rule says anything about it */
function judge({ rules, way }: Level, name: string): boolean | undefined {
  const { ignored, unignored } = rules.test(`${way}${name}`);
  if (ignored) return true;
  return unignored ? false : undefined;
}

function levelsOf(files: RuleFiles): Level[] {
  const texts = [files.read(GIT, 'info', 'exclude'), files.read('.gitignore')];
  return texts.flatMap((text) => (text === undefined ? [] : [{ rules: rulesOf(text), way: '' }]));
}

function levelsAbove(folder: string): Level[] {
  const way = [folder];
  while (!existsSync(path.join(way[0] ?? '', GIT))) {
    const parent = path.dirname(way[0] ?? '');
    // Not in a working tree.
    if (parent === way[0]) return [];
    way.unshift(parent);
  }
  return way.flatMap((at) => {
    const down = path.relative(at, folder).split(path.sep).filter(Boolean);
    const below = down.map((name) => `${name}/`).join('');
    return levelsOf(ruleFilesIn(at)).map(({ rules }) => ({ rules, way: below }));
  });
}

/** @param rules the text of a file, or patterns one by one */
function rulesOf(rules: string | readonly string[]): Ignore {
  return ignore({ ignorecase: false }).add(rules);
}
