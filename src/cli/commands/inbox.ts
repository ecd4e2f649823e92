import { type Command, Option as CommandOption } from 'commander';
import {
  withEncryption,
  withoutNames,
  withPurgeAfter,
  withUploadCheck,
} from '../../api/inbox-options.js';
import { usageError } from '../../api/options.js';
import { withInboxBounds, withKinds } from '../../api/page-options.js';
import type { InboxBounds, Option } from '../../api/settings.js';
import { collect, parseCommand, parseDuration, parseSize, readRecipients } from '../arguments.js';
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
  readonly encryptTo?: readonly string[];
  readonly hook?: readonly [string, ...string[]];
  readonly hookTimeout?: number;
  readonly names: boolean;
}

const EXAMPLES = `${PAGES_HELP}
existing files are never overwritten, and an upload that breaks off leaves
nothing behind. 256MiB of the disk stay free, unless --keep-free sets another
size.

--hook runs a program for each upload that is complete, before its files get
their names; any status but 0 refuses it. the upload is described in
ONIONFERRY_UPLOAD_ID, _PATH, _FILES, _BYTES, _NAMES and _SHA256, and as JSON on
standard input. no shell reads the command: write one if you want one.
--purge-after removes only what this inbox has noted since it was first used,
and only if nobody has changed or moved it.

examples:
  onionferry inbox uploads
  onionferry inbox uploads --max-file 100MB --max-total 2GB --accept jpg,png,pdf
  onionferry inbox uploads --quota 50GB --purge-after 30d --hook /opt/scan
  onionferry inbox uploads --encrypt-to age1… --no-names`;

export function registerInbox(program: Command, session: Session): void {
  const command = program
    .command('inbox')
    .summary('take uploads from Tor Browser into a folder')
    .description('serves an upload page at an onion address, for Tor Browser')
    .argument('<dir>', 'the folder for uploads, created if missing, but none above it');
  addSingleAddressOption(addPageOptions(command))
    .addOption(bound('--max-file', 'largest file to take, such as 100MB', 'bytesPerFile'))
    .addOption(bound('--max-upload', 'most to take in one upload', 'bytesPerUpload'))
    .addOption(bound('--max-total', 'most to take until the inbox ends', 'bytesTotal'))
    .addOption(bound('--quota', 'most that may lie in the folder at once', 'bytesKept'))
    .addOption(bound('--keep-free', 'how much of the disk to leave free', 'freeBytesKept'))
    .option('--accept <kinds>', 'take only these kinds of files, such as jpg,pdf', (text) =>
      withKinds({ accept: kinds(text) }),
    )
    .option('--refuse <kinds>', 'take all kinds of files except these', (text) =>
      withKinds({ deny: kinds(text) }),
    )
    .option(
      '--hook <command>',
      'program that checks each upload; any status but 0 refuses it',
      (text) => parseCommand(text, '--hook'),
    )
    .option(
      '--hook-timeout <time>',
      'how long the hook may run before the upload is refused (2m)',
      (text) => parseDuration(text, '--hook-timeout'),
    )
    .option('--purge-after <time>', 'remove what was received after a time such as 30d', (text) =>
      withPurgeAfter(parseDuration(text, '--purge-after')),
    )
    .option(
      '--encrypt-to <recipient>',
      'encrypt files to an age recipient (age1…, or a file with some); may be repeated',
      collect,
    )
    .option('--no-names', 'leave names and hashes of files out of events and logs')
    .addHelpText('after', EXAMPLES)
    .action((directory: string, _: unknown, command: Command) =>
      run(directory, command.optsWithGlobals(), session),
    );
}

async function run(directory: string, options: InboxOptions, session: Session): Promise<void> {
  const { accept, refuse, encryptTo, hook, hookTimeout, names, qr } = options;
  if (accept !== undefined && refuse !== undefined) {
    throw usageError('use either --accept or --refuse, not both');
  }
  if (hookTimeout !== undefined && hook === undefined) {
    throw usageError('--hook-timeout is for the program of --hook');
  }
  const given: Option<'inbox'>[] = [
    ...(await optionsWithPassword(options, session)),
    ...singleAddressOption(options),
  ];
  if (encryptTo !== undefined) given.push(withEncryption(...(await readRecipients(encryptTo))));
  if (hook !== undefined) {
    const limit = hookTimeout === undefined ? {} : { limitMs: hookTimeout };
    given.push(withUploadCheck({ command: hook, ...limit }));
  }
  if (!names) given.push(withoutNames());
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
