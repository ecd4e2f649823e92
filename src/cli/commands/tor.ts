import type { Command } from 'commander';
import { installTor } from '../../api/install-tor.js';
import { commonOptions, type GlobalOptions } from '../global-options.js';
import type { Session } from '../session.js';
import { labelled } from '../wording.js';

const EXAMPLES = `
examples:
  onionferry tor install
  onionferry tor doctor --torrc bridges.txt`;

export function registerTor(program: Command, session: Session): void {
  const tor = program
    .command('tor')
    .summary('bring tor to this machine; find out what is wrong with it')
    .description('takes care of the tor program that onionferry starts')
    .helpCommand(false)
    .addHelpText('after', EXAMPLES);
  tor
    .command('install')
    .description('fetch a tor for this machine, without root')
    .action(async (_: unknown, command: Command) => {
      await install(command.optsWithGlobals<GlobalOptions>(), session);
    });
}

async function install(globals: GlobalOptions, session: Session): Promise<void> {
  const handle = installTor(...(await commonOptions(globals, session)));
  const { path, version } = await session.follow(handle, { verb: 'install' });
  session.screen.answer({
    json: { event: 'installed', path, version },
    lines: session.screen.mode.quiet
      ? [path]
      : [labelled('tor', version), labelled('program', path)],
  });
}
