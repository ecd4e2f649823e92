import type { Command } from 'commander';
import { withExpiry, withPassword, withUser } from '../../api/options.js';
import type { Option } from '../../api/settings.js';
import { parseDuration } from '../arguments.js';
import { commonOptions, type GlobalOptions } from '../global-options.js';
import type { Session } from '../session.js';
import { passwordFrom } from './passwords.js';

/** What every command takes that serves pages. */
export interface PageOptions extends GlobalOptions {
  readonly user?: string;
  readonly expires?: number;
}

export function addPageOptions(command: Command): Command {
  return command
    .option('-u, --user <user>', 'the user that pages ask for (default: "ferry")')
    .option('--expires <time>', 'stop after a time such as 30m', (text) =>
      parseDuration(text, '--expires'),
    );
}

/** Below the options of each. */
export const PAGES_HELP = `
standard output gets three lines: the address, the user and the password. the password is read from
--password-file or ONIONFERRY_PASSWORD, and generated otherwise.`;

/** @throws OnionferryError ERR_USAGE */
export async function pageOptions(options: PageOptions, session: Session): Promise<Option[]> {
  const given = await commonOptions(options, session);
  const password = await passwordFrom(options, session);
  if (password !== undefined) given.push(withPassword(password));
  if (options.user !== undefined) given.push(withUser(options.user));
  if (options.expires !== undefined) given.push(withExpiry(options.expires));
  return given;
}
