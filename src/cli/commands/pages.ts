import type { Command } from 'commander';
import { withPassword, withUser } from '../../api/options.js';
import type { Option } from '../../api/settings.js';
import { commonOptions, type GlobalOptions } from '../global-options.js';
import type { Session } from '../session.js';
import { passwordFrom } from './passwords.js';

/** What every command takes that serves pages. */
export interface PageOptions extends GlobalOptions {
  readonly user?: string;
}

export function addPageOptions(command: Command): Command {
  return command.option('-u, --user <user>', 'the user that pages ask for (default: "ferry")');
}

/** @throws OnionferryError ERR_USAGE */
export async function pageOptions(options: PageOptions, session: Session): Promise<Option[]> {
  const given = await commonOptions(options, session);
  const password = await passwordFrom(options, session);
  if (password !== undefined) given.push(withPassword(password));
  if (options.user !== undefined) given.push(withUser(options.user));
  return given;
}
