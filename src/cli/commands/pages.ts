import type { Command } from 'commander';
import { withSingleAddress } from '../../api/options.js';
import { withUser } from '../../api/page-options.js';
import type { Option } from '../../api/settings.js';
import { expiryOption, privateOption } from '../global-options.js';

/** The options of every command that serves pages. */
export function addPageOptions(command: Command): Command {
  return command
    .option('-u, --user <user>', 'the user name that visitors enter (default: "ferry")', (text) =>
      withUser(text),
    )
    .addOption(privateOption())
    .addOption(expiryOption('stop after a time such as 30m'));
}

/** Of those whose pages can use several addresses. */
export function addSingleAddressOption(command: Command): Command {
  return command.option(
    '--single-address',
    'publish no further addresses for faster downloads and uploads',
  );
}

export interface SingleAddressOption {
  readonly singleAddress?: boolean;
}

export function singleAddressOption({
  singleAddress,
}: SingleAddressOption): readonly Option<'send' | 'resumeSend' | 'share' | 'inbox'>[] {
  return singleAddress === true ? [withSingleAddress()] : [];
}

/** In the help of each, after its options. */
export const PAGES_HELP = `
prints three lines on standard output: the address, the user name and the
password. the password comes from --password-file or ONIONFERRY_PASSWORD;
otherwise it is generated. with --private a fourth line has the key that Tor
Browser asks for, unless "key client" has given visitors keys of their own.`;
