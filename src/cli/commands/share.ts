import type { Command } from 'commander';
import { DOWNLOADS_MAX, withDownloadLimit } from '../../api/options.js';
import { share } from '../../api/verbs/share.js';
import { OnionferryError } from '../../base/errors.js';
import { parseCount } from '../arguments.js';
import type { Session } from '../session.js';
import { addPageOptions, PAGES_HELP, type PageOptions, pageOptions } from './pages.js';

interface ShareOptions extends PageOptions {
  readonly dir?: readonly string[];
  readonly limit?: number;
}

const EXAMPLES = `${PAGES_HELP}
what is added to a folder appears; what is under way when it ends is finished.

examples:
  onionferry share holiday.jpg letters/
  onionferry share -u friend --limit 3 --expires 1d slides.pdf`;

export function registerShare(program: Command, session: Session): void {
  const command = program
    .command('share')
    .summary('let Tor Browser download files and folders')
    .description('serves pages behind an onion address, where Tor Browser downloads')
    .argument('[path...]', 'files and folders')
    .option('-d, --dir <dir>', 'a folder, as PATH', collect);
  addPageOptions(command)
    .option('--limit <n>', 'stop after so many downloads', (text) =>
      parseCount(text, '--limit', DOWNLOADS_MAX),
    )
    .addHelpText('after', EXAMPLES)
    .action(async (paths: string[], _: unknown, command: Command) => {
      await run(paths, command.optsWithGlobals<ShareOptions>(), session);
    });
}

function collect(dir: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), dir];
}

async function run(paths: string[], options: ShareOptions, session: Session): Promise<void> {
  const { dir = [], limit, qr } = options;
  const all = [...paths, ...dir];
  if (all.length === 0) {
    throw new OnionferryError('ERR_USAGE', 'PATH is missing; name what is to be shared');
  }
  const given = await pageOptions(options, session);
  if (limit !== undefined) given.push(withDownloadLimit(limit));
  await session.follow(share(all, ...given), { verb: 'share', qrCode: qr });
}
