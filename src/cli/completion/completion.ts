import type { Command } from 'commander';
import { bashCompletion } from './bash.js';
import { type DescribedCommand, describeCommands } from './described.js';
import { fishCompletion } from './fish.js';
import { zshCompletion } from './zsh.js';

type Shell = 'bash' | 'zsh' | 'fish';

const COMPLETIONS: Record<Shell, (commands: readonly DescribedCommand[]) => string> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

/** The script for a shell, from the definitions of all commands. */
export function completionFor(shell: Shell, program: Command): string {
  return COMPLETIONS[shell](describeCommands(program));
}
