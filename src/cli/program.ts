import { Command } from 'commander';
import { registerCompletion } from './commands/completion.js';
import { registerConfig } from './commands/config.js';
import { registerDemo } from './commands/demo.js';
import { registerHelp } from './commands/help.js';
import { registerInbox } from './commands/inbox.js';
import { registerKey } from './commands/key.js';
import { registerOpen } from './commands/open.js';
import { registerReceive } from './commands/receive.js';
import { registerRelay } from './commands/relay.js';
import { registerRun } from './commands/run.js';
import { registerSend } from './commands/send.js';
import { registerShare } from './commands/share.js';
import { registerSite } from './commands/site.js';
import { registerTor } from './commands/tor.js';
import { refuseEmptyPaths } from './empty-paths.js';
import { addGlobalOptions, SILENT } from './global-options.js';
import type { Session } from './session.js';
import { VERSION } from './version.js';

const EXAMPLES = `
examples:
  onionferry send holiday.jpg letters/     print an invitation and send
  onionferry receive                       paste the invitation and receive
  onionferry send notes | ssh host onionferry receive --yes
  onionferry share holiday.jpg             offer a download in Tor Browser
  onionferry demo                          try it on this machine alone

environment:
  ONIONFERRY_PASSWORD          the password or the invitation
  ONIONFERRY_RELAY_PASSWORD    the password of the relay
  ONIONFERRY_PROXY             as --proxy, and may hold a password
  ONIONFERRY_CONTROL_PASSWORD  of the control port of a running tor
  NO_COLOR                     any value: no colours

exit status:
  0 done, 1 failed, 2 wrong usage, 3 wrong password, 4 no Tor,
  5 the other side went away, time ran out, or suspended by a signal such as
  SIGTERM, 130 interrupted`;

/** The command line; its actions work with `session`. */
export function createProgram(session: Session): Command {
  const program = new Command('onionferry')
    .description(
      'sends files from one machine to another over Tor,\nwith an onion address, a password and nothing else',
    )
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help for a command')
    .helpCommand(false)
    .configureHelp({ showGlobalOptions: true })
    .configureOutput(SILENT)
    .exitOverride()
    .hook('preAction', (_, action) => refuseEmptyPaths(action))
    .addHelpText('after', EXAMPLES);
  addGlobalOptions(program);
  registerSend(program, session);
  registerReceive(program, session);
  registerShare(program, session);
  registerInbox(program, session);
  registerSite(program, session);
  registerOpen(program, session);
  registerRelay(program, session);
  registerRun(program, session, createProgram);
  registerKey(program, session);
  registerTor(program, session);
  registerDemo(program, session);
  registerConfig(program, session);
  registerCompletion(program, session);
  registerHelp(program, session);
  return program;
}
