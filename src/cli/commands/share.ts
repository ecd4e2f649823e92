import type { Command } from 'commander';
import { DOWNLOADS_MAX, usageError, withDownloadLimit } from '../../api/options.js';
import { share } from '../../api/verbs/share.js';
import { collect, parseCount } from '../arguments.js';
import type { Session } from '../session.js';
import { addExcludeOptions, type ExcludeOptions, excludeOptions } from './exclude.js';
import { addPageOptions, PAGES_HELP, type PageOptions, pageOptions } from './pages.js';

interface ShareOptions extends PageOptions, ExcludeOptions {
  readonly dir?: readonly string[];
  readonly limit?: number;
}

const EXAMPLES = `${PAGES_HELP}
files added to a shared folder appear at once. running downloads finish before
the share ends.

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
  addExcludeOptions(addPageOptions(command))
    .option('--limit <n>', 'stop after this many downloads', (text) =>
      parseCount(text, '--limit', DOWNLOADS_MAX),
    )
    .addHelpText('after', EXAMPLES)
    .action((paths: string[], _: unknown, command: Command) =>
      run(paths, command.optsWithGlobals(), session),
    );
}

async function run(paths: string[], options: ShareOptions, session: Session): Promise<void> {
  const { dir = [], limit, qr } = options;
  const all = [...paths, ...dir];
  if (all.length === 0) {
    throw usageError('PATH is missing; name a file or folder to share');
  }
  const given = [...(await pageOptions(options, session)), ...excludeOptions(options)];
  if (limit !== undefined) given.push(withDownloadLimit(limit));
  await session.follow(share(all, ...given), { verb: 'share', qrCode: qr });
}
