import type { Command } from 'commander';
import { type InboxBounds, withInboxBounds, withKinds } from '../../api/options.js';
import { inbox } from '../../api/verbs/inbox.js';
import { OnionferryError } from '../../base/errors.js';
import { parseSize } from '../arguments.js';
import type { Session } from '../session.js';
import { addPageOptions, PAGES_HELP, type PageOptions, pageOptions } from './pages.js';

interface InboxOptions extends PageOptions {
  readonly maxFile?: number;
  readonly maxUpload?: number;
  readonly maxTotal?: number;
  readonly keepFree?: number;
  readonly accept?: readonly string[];
  readonly refuse?: readonly string[];
}

const EXAMPLES = `${PAGES_HELP}
nothing that exists is overwritten; of an upload that breaks off nothing is kept. 256MiB of the disk
stay free unless --keep-free says otherwise.

examples:
  onionferry inbox uploads
  onionferry inbox uploads --max-file 100MB --max-total 2GB --accept jpg,png,pdf`;

export function registerInbox(program: Command, session: Session): void {
  const command = program
    .command('inbox')
    .summary('let Tor Browser upload into a folder')
    .description('serves a page behind an onion address, where Tor Browser uploads into a folder')
    .argument('<dir>', 'the folder, made when missing');
  addPageOptions(command)
    .option('--max-file <size>', 'take no larger file, such as 100MB', size('--max-file'))
    .option('--max-upload <size>', 'take no more at once', size('--max-upload'))
    .option('--max-total <size>', 'take no more until it ends', size('--max-total'))
    .option('--keep-free <size>', 'leave so much of the disk free', size('--keep-free'))
    .option('--accept <kinds>', 'take these kinds of files only, such as jpg,pdf', kinds)
    .option('--refuse <kinds>', 'take all kinds of files but these', kinds)
    .addHelpText('after', EXAMPLES)
    .action(async (directory: string, _: unknown, command: Command) => {
      await run(directory, command.optsWithGlobals<InboxOptions>(), session);
    });
}

async function run(directory: string, options: InboxOptions, session: Session): Promise<void> {
  const { accept, refuse, qr } = options;
  if (accept !== undefined && refuse !== undefined) {
    throw new OnionferryError('ERR_USAGE', '--accept and --refuse exclude each other');
  }
  const given = await pageOptions(options, session);
  given.push(withInboxBounds(boundsOf(options)));
  if (accept !== undefined) given.push(withKinds({ accept }));
  if (refuse !== undefined) given.push(withKinds({ deny: refuse }));
  await session.follow(inbox(directory, ...given), { verb: 'inbox', qrCode: qr });
}

function boundsOf({ maxFile, maxUpload, maxTotal, keepFree }: InboxOptions): InboxBounds {
  return {
    ...(maxFile !== undefined && { bytesPerFile: maxFile }),
    ...(maxUpload !== undefined && { bytesPerUpload: maxUpload }),
    ...(maxTotal !== undefined && { bytesTotal: maxTotal }),
    ...(keepFree !== undefined && { freeBytesKept: keepFree }),
  };
}

function size(option: string): (text: string) => number {
  return (text) => parseSize(text, option);
}

function kinds(text: string): readonly string[] {
  return text.split(',').map((kind) => kind.trim());
}
