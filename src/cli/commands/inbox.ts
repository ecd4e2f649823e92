import type { Command } from 'commander';
import { type InboxBounds, usageError, withInboxBounds, withKinds } from '../../api/options.js';
import { inbox } from '../../api/verbs/inbox.js';
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
existing files are never overwritten, and an upload that breaks off leaves
nothing behind. 256MiB of the disk stay free, unless --keep-free sets another
size.

examples:
  onionferry inbox uploads
  onionferry inbox uploads --max-file 100MB --max-total 2GB --accept jpg,png,pdf`;

export function registerInbox(program: Command, session: Session): void {
  const command = program
    .command('inbox')
    .summary('take uploads from Tor Browser into a folder')
    .description('serves an upload page at an onion address, for Tor Browser')
    .argument('<dir>', 'the folder for uploads, created if missing');
  addPageOptions(command)
    .option('--max-file <size>', 'largest file to take, such as 100MB', size('--max-file'))
    .option('--max-upload <size>', 'most to take in one upload', size('--max-upload'))
    .option('--max-total <size>', 'most to take until the inbox ends', size('--max-total'))
    .option('--keep-free <size>', 'how much of the disk to leave free', size('--keep-free'))
    .option('--accept <kinds>', 'take only these kinds of files, such as jpg,pdf', kinds)
    .option('--refuse <kinds>', 'take all kinds of files except these', kinds)
    .addHelpText('after', EXAMPLES)
    .action((directory: string, _: unknown, command: Command) =>
      run(directory, command.optsWithGlobals(), session),
    );
}

async function run(directory: string, options: InboxOptions, session: Session): Promise<void> {
  const { accept, refuse, qr } = options;
  if (accept !== undefined && refuse !== undefined) {
    throw usageError('use either --accept or --refuse, not both');
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
