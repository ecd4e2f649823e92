import type { Command } from 'commander';
import { usageError } from '../../api/options.js';
import type { Session } from '../session.js';
import { VERSION } from '../version.js';

/** `help` and `version`, for those who do not try --help and --version first. */
export function registerHelp(program: Command, { screen }: Session): void {
  program
    .command('help')
    .description('show help for a command')
    .argument('[command...]', 'a command, such as send or key new')
    .action((names: string[]) => commandNamed(program, names).outputHelp());
  program
    .command('version')
    .description('print the version')
    .action(() =>
      screen.answer({ json: { event: 'version', version: VERSION }, lines: [VERSION] }),
    );
}

function commandNamed(program: Command, names: readonly string[]): Command {
  let found = program;
  for (const name of names) {
    const next = found.commands.find((command) => command.name() === name);
    if (next === undefined) throw usageError('there is no such command; see onionferry help');
    found = next;
  }
  return found;
}

/** What to try first: for `onionferry` alone. */
export const FIRST_STEPS = `onionferry sends files from one machine to another over Tor

  onionferry send FILE...    print an invitation, and send to whoever has it
  onionferry receive         paste the invitation, and receive
  onionferry share FILE...   offer a download in Tor Browser
  onionferry inbox FOLDER    take uploads from Tor Browser
  onionferry open            all of it in your browser
  onionferry demo            try it on this machine alone

onionferry help lists everything, onionferry help send the options of send
`;
