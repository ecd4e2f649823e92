import type { Command } from 'commander';
import { parseChoice } from '../arguments.js';
import type { Session } from '../session.js';

const SHELLS = ['bash', 'zsh', 'fish'] as const;

const EXAMPLES = `
examples:
  onionferry completion bash >> ~/.bash_completion
  onionferry completion zsh > ~/.zfunc/_onionferry
  onionferry completion fish > ~/.config/fish/completions/onionferry.fish`;

export function registerCompletion(program: Command, { screen }: Session): void {
  const command = program
    .command('completion')
    .summary('print what completes commands with Tab')
    .description('prints a script with which a shell completes commands and options')
    .addHelpText('after', EXAMPLES);
  const shell = command.createArgument('<shell>', `one of ${SHELLS.join(', ')}`).choices(SHELLS);
  command
    .addArgument(shell.argParser((text) => parseChoice(text, 'completion', SHELLS)))
    .action(async (name: (typeof SHELLS)[number]) => {
      const { completionFor } = await import('../completion/completion.js');
      screen.terminal.stdout.write(completionFor(name, program));
    });
}
