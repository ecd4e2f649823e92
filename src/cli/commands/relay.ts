import type { Command } from 'commander';
import { withExpiry, withPassword } from '../../api/options.js';
import { relay } from '../../api/verbs/relay.js';
import { parseDuration } from '../arguments.js';
import { commonOptions, type GlobalOptions } from '../global-options.js';
import type { Session } from '../session.js';
import { givenRelayPassword, passwordFrom } from './passwords.js';

interface RelayOptions extends GlobalOptions {
  readonly relayPasswordFile?: string;
  readonly expires?: number;
}

const EXAMPLES = `
standard output gets two lines: the address and the password. the password is read from
--relay-password-file, ONIONFERRY_RELAY_PASSWORD, --password-file or ONIONFERRY_PASSWORD, and
generated otherwise.

examples:
  onionferry relay
  onionferry relay --relay-password-file /etc/onionferry/password --name relay`;

export function registerRelay(program: Command, session: Session): void {
  program
    .command('relay')
    .summary('run a relay for others')
    .description('runs a relay behind an onion address, where others meet, until it is stopped')
    .option(
      '--relay-password-file <file>',
      'read the password from a file, or - for standard input',
    )
    .option('--expires <time>', 'stop after a time such as 12h', (text) =>
      parseDuration(text, '--expires'),
    )
    .addHelpText('after', EXAMPLES)
    .action(async (_: unknown, command: Command) => {
      await run(command.optsWithGlobals<RelayOptions>(), session);
    });
}

async function run(options: RelayOptions, session: Session): Promise<void> {
  const given = await commonOptions(options, session);
  const password =
    (await givenRelayPassword(options, session)) ?? (await passwordFrom(options, session));
  if (password !== undefined) given.push(withPassword(password));
  if (options.expires !== undefined) given.push(withExpiry(options.expires));
  await session.follow(relay(...given), { verb: 'relay' });
}
