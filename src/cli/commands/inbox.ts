import { type Command, Option as CommandOption } from 'commander';
import { type InboxBounds, type Option, usageError } from '../../api/options.js';
import { withInboxBounds, withKinds } from '../../api/page-options.js';
import { parseSize } from '../arguments.js';
import { type GlobalOptions, optionsWithPassword } from '../global-options.js';
import type { Session } from '../session.js';
import {
  addPageOptions,
  addSingleAddressOption,
  PAGES_HELP,
  type SingleAddressOption,
  singleAddressOption,
} from './pages.js';

interface InboxOptions extends GlobalOptions, SingleAddressOption {
  readonly accept?: Option;
  readonly refuse?: Option;
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
  addSingleAddressOption(addPageOptions(command))
    .addOption(bound('--max-file', 'largest file to take, such as 100MB', 'bytesPerFile'))
    .addOption(bound('--max-upload', 'most to take in one upload', 'bytesPerUpload'))
    .addOption(bound('--max-total', 'most to take until the inbox ends', 'bytesTotal'))
    .addOption(bound('--keep-free', 'how much of the disk to leave free', 'freeBytesKept'))
    .option('--accept <kinds>', 'take only these kinds of files, such as jpg,pdf', (text) =>
      withKinds({ accept: kinds(text) }),
    )
    .option('--refuse <kinds>', 'take all kinds of files except these', (text) =>
      withKinds({ deny: kinds(text) }),
    )
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
  const given = [...(await optionsWithPassword(options, session)), ...singleAddressOption(options)];
  const { inbox } = await import('../../api/verbs/inbox.js');
  await session.follow(inbox(directory, ...given), { verb: 'inbox', qrCode: qr });
}

function bound(flag: string, description: string, limit: keyof InboxBounds): CommandOption {
  return new CommandOption(`${flag} <size>`, description).argParser((text) =>
    withInboxBounds({ [limit]: parseSize(text, flag) }),
  );
}

function kinds(text: string): readonly string[] {
  return text.split(',').map((kind) => kind.trim());
}
