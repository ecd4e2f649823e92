import type { DescribedCommand } from './described.js';

/** Every option that takes the next word; none of them is a switch of another command. */
export function flagsWithValue(commands: readonly DescribedCommand[]): readonly string[] {
  const flags = commands.flatMap(({ options }) =>
    options.filter(({ value }) => value !== undefined).flatMap((option) => option.flags),
  );
  return [...new Set(flags)];
}

/** All commands as patterns of a shell's `case`: `/key|/key/new`. */
export function commandsAsCases(commands: readonly DescribedCommand[]): string {
  return commands
    .filter(({ path }) => path.length > 0)
    .map(({ path }) => `/${path.join('/')}`)
    .join('|');
}
