import type { Command } from 'commander';
import { usageError, withPassword } from '../../api/options.js';
import { withBackends } from '../../api/relay-options.js';
import type { Option } from '../../api/settings.js';
import {
  commonOptions,
  expiryOption,
  type GlobalOptions,
  privateOption,
} from '../global-options.js';
import type { Session } from '../session.js';

interface RelayOptions extends GlobalOptions {
  readonly store?: string;
  readonly storePasswordFile?: string;
  readonly front?: string;
  readonly relayPasswordFile?: string;
}

const EXAMPLES = `
prints two lines on standard output: the address and the password. the
password comes from --relay-password-file, ONIONFERRY_RELAY_PASSWORD,
--password-file or ONIONFERRY_PASSWORD; otherwise it is generated. with
--private a third line has the key.

examples:
  onionferry relay
  onionferry relay --relay-password-file /etc/onionferry/password --name relay
  onionferry relay --name a --store /run/redis/redis.sock --front ADDRESS`;

export function registerRelay(program: Command, session: Session): void {
  program
    .command('relay')
    .summary('run a relay for other senders')
    .description('runs a relay at an onion address, where senders and recipients meet')
    .option('--relay-password-file <file>', 'file with the password, or - for standard input')
    .addOption(privateOption())
    .option(
      '--store <location>',
      'share channels with other relays by a Redis or Valkey, at /path or redis://host:port',
    )
    .option('--store-password-file <file>', 'file with its password, or - for standard input')
    .option('--front <address>', 'address of Onionbalance before all relays that share a store')
    .addOption(expiryOption('stop after a time such as 12h'))
    .addHelpText('after', EXAMPLES)
    .action((_: unknown, command: Command) => run(command.optsWithGlobals(), session));
}

async function run(options: RelayOptions, session: Session): Promise<void> {
  const given: Option<'relay'>[] = await commonOptions(options, session);
  const password = (await session.relayPassword(options)) ?? (await session.password(options));
  if (password !== undefined) given.push(withPassword(password));
  const { store, front } = options;
  if (store !== undefined) {
    const storePassword = await session.storePassword(options);
    given.push(withBackends({ store, storePassword, front }));
  } else if (front !== undefined) {
    throw usageError('--front is for relays that share a store; use --store as well');
  }
  const { relay } = await import('../../api/verbs/relay.js');
  await session.follow(relay(...given), { verb: 'relay' });
}
