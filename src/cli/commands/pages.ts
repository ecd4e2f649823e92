import type { Command } from 'commander';
import { type Option, withExpiry, withPassword, withUser } from '../../api/options.js';
import { parseDuration } from '../arguments.js';
import { commonOptions, type GlobalOptions } from '../global-options.js';
import type { Session } from '../session.js';

/** The options of every command that serves pages. */
export interface PageOptions extends GlobalOptions {
  readonly user?: string;
  readonly expires?: number;
}

export function addPageOptions(command: Command): Command {
  return command
    .option('-u, --user <user>', 'the user name that visitors enter (default: "ferry")')
    .option('--expires <time>', 'stop after a time such as 30m', (text) =>
      parseDuration(text, '--expires'),
    );
}

/** In the help of each, after its options. */
export const PAGES_HELP = `
prints three lines on standard output: the address, the user name and the
password. the password comes from --password-file or ONIONFERRY_PASSWORD;
otherwise it is generated.`;

/** @throws OnionferryError ERR_USAGE */
export async function pageOptions(options: PageOptions, session: Session): Promise<Option[]> {
  const given = await commonOptions(options, session);
  const password = await session.password(options);
  if (password !== undefined) given.push(withPassword(password));
  if (options.user !== undefined) given.push(withUser(options.user));
  if (options.expires !== undefined) given.push(withExpiry(options.expires));
  return given;
}
