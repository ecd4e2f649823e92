import type { Command } from 'commander';
import { withGrowing } from '../../api/content-options.js';
import { usageError } from '../../api/options.js';
import { DOWNLOADS_MAX, withDownloadLimit } from '../../api/page-options.js';
import type { Option } from '../../api/settings.js';
import { collect, parseCount } from '../arguments.js';
import { type GlobalOptions, optionsWithPassword } from '../global-options.js';
import type { Session } from '../session.js';
import { addExcludeOptions, type ExcludeOptions, excludeOptions } from './exclude.js';
import {
  addPageOptions,
  addSingleAddressOption,
  PAGES_HELP,
  type SingleAddressOption,
  singleAddressOption,
} from './pages.js';

interface ShareOptions extends GlobalOptions, ExcludeOptions, SingleAddressOption {
  readonly growing?: boolean;
  readonly dir?: readonly string[];
}

const EXAMPLES = `${PAGES_HELP}
files added to a shared folder appear at once. running downloads finish before
the share ends, and for two minutes those that failed can be repeated.

examples:
  onionferry share holiday.jpg letters/
  onionferry share -u friend --limit 3 --expires 1d slides.pdf`;

export function registerShare(program: Command, session: Session): void {
  const command = program
    .command('share')
    .summary('offer files and folders for download in Tor Browser')
    .description('serves a download page at an onion address, for Tor Browser')
    .argument('[path...]', 'files and folders')
    .option('-d, --dir <dir>', 'a folder to share, like PATH', collect);
  addExcludeOptions(addSingleAddressOption(addPageOptions(command)))
    .option('--growing', 'let files grow, such as logs, while they are downloaded')
    .option('--limit <n>', 'stop after this many downloads', (text) =>
      withDownloadLimit(parseCount(text, '--limit', DOWNLOADS_MAX)),
    )
    .addHelpText('after', EXAMPLES)
    .action((paths: string[], _: unknown, command: Command) =>
      run(paths, command.optsWithGlobals(), session),
    );
}

async function run(paths: string[], options: ShareOptions, session: Session): Promise<void> {
  const { dir = [], qr } = options;
  const all = [...paths, ...dir];
  if (all.length === 0) {
    throw usageError('PATH is missing; name a file or folder to share');
  }
  const given: Option<'share'>[] = [
    ...(await optionsWithPassword(options, session)),
    ...excludeOptions(options),
    ...singleAddressOption(options),
  ];
  if (options.growing === true) given.push(withGrowing());
  const { share } = await import('../../api/verbs/share.js');
  await session.follow(share(all, ...given), { verb: 'share', qrCode: qr });
}
