import type { Command } from 'commander';
import { withExclude, withGitIgnore } from '../../api/content-options.js';
import type { Option } from '../../api/settings.js';
import { collect } from '../arguments.js';

/** What `send` and `share` leave out on request. */
export interface ExcludeOptions {
  readonly exclude?: readonly string[];
  readonly gitIgnore?: boolean;
}

export function addExcludeOptions(command: Command): Command {
  return command
    .option('--exclude <pattern>', 'leave out what matches, as in .gitignore; repeatable', collect)
    .option('--git-ignore', 'leave out .git and what git ignores');
}

export function excludeOptions({ exclude, gitIgnore }: ExcludeOptions): Option<'send' | 'share'>[] {
  return [
    ...(exclude === undefined ? [] : [withExclude(...exclude)]),
    ...(gitIgnore === true ? [withGitIgnore()] : []),
  ];
}
