import type { Command } from 'commander';
import { withPolicy } from '../../api/page-options.js';
import { type GlobalOptions, optionsWithPassword } from '../global-options.js';
import type { Session } from '../session.js';
import { addPageOptions, PAGES_HELP } from './pages.js';

const EXAMPLES = `${PAGES_HELP}
a folder without index.html shows a list of its files. pages may not load
anything from elsewhere or run inline scripts, unless --csp sets another
policy.

examples:
  onionferry site public
  onionferry site public --csp "default-src 'self' 'unsafe-inline'"`;

export function registerSite(program: Command, session: Session): void {
  const command = program
    .command('site')
    .summary('serve a static site to Tor Browser')
    .description('serves a static site at an onion address, for Tor Browser')
    .argument('<dir>', 'the folder of the site');
  addPageOptions(command)
    .option(
      '--csp <policy>',
      'Content-Security-Policy to send, instead of a strict one',
      (policy) => withPolicy(policy),
    )
    .addHelpText('after', EXAMPLES)
    .action((directory: string, _: unknown, command: Command) =>
      run(directory, command.optsWithGlobals(), session),
    );
}

async function run(directory: string, options: GlobalOptions, session: Session): Promise<void> {
  const given = await optionsWithPassword(options, session);
  const { site } = await import('../../api/verbs/site.js');
  await session.follow(site(directory, ...given), { verb: 'site', qrCode: options.qr });
}
