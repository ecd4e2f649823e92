import type { Command } from 'commander';
import { withPolicy } from '../../api/options.js';
import { site } from '../../api/verbs/site.js';
import type { Session } from '../session.js';
import { addPageOptions, PAGES_HELP, type PageOptions, pageOptions } from './pages.js';

interface SiteOptions extends PageOptions {
  readonly csp?: string;
}

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
    .option('--csp <policy>', 'Content-Security-Policy to send, instead of a strict one')
    .addHelpText('after', EXAMPLES)
    .action((directory: string, _: unknown, command: Command) =>
      run(directory, command.optsWithGlobals(), session),
    );
}

async function run(directory: string, options: SiteOptions, session: Session): Promise<void> {
  const { csp, qr } = options;
  const given = await pageOptions(options, session);
  if (csp !== undefined) given.push(withPolicy(csp));
  await session.follow(site(directory, ...given), { verb: 'site', qrCode: qr });
}
