import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { withGrowing, withSkipUnreadable, withXattrs } from '../../api/content-options.js';
import {
  usageError,
  withBrowserLink,
  withClientKey,
  withKeep,
  withRelay,
} from '../../api/options.js';
import type { Option } from '../../api/settings.js';
import type { SendInput } from '../../api/verbs/send.js';
import { OnionferryError } from '../../base/errors.js';
import {
  clientKeyOption,
  commonOptions,
  expiryOption,
  type GlobalOptions,
  optionsWithPassword,
  privateOption,
  stallOption,
  throttleOption,
} from '../global-options.js';
import { relayArgument } from '../secrets/secret-arguments.js';
import { readSecretFile } from '../secrets/secret-text.js';
import type { Session } from '../session.js';
import { texts } from '../wording.js';
import {
  addClipboardOption,
  addNotifyOption,
  type ClipboardOption,
  type NotifyOption,
} from './attention.js';
import { addExcludeOptions, type ExcludeOptions, excludeOptions } from './exclude.js';
import { chooseInterrupted } from './interrupted.js';
import { addSingleAddressOption, type SingleAddressOption, singleAddressOption } from './pages.js';
import { addVerifyOption, type VerifyOption, verifyOption } from './verify.js';

interface SendOptions
  extends GlobalOptions,
    ExcludeOptions,
    SingleAddressOption,
    ClipboardOption,
    NotifyOption,
    VerifyOption {
  readonly text?: string;
  readonly message?: string;
  readonly relay?: string;
  readonly relayPasswordFile?: string;
  readonly clientKey?: string;
  readonly resume?: boolean;
  readonly keep?: boolean;
  readonly browserLink?: boolean;
  readonly skipUnreadable?: boolean;
  readonly growing?: boolean;
  readonly xattrs?: boolean;
  readonly expires?: Option;
  readonly stallLimit?: Option;
}

/** More than `send` takes, which reports it; this only limits memory. */
const TEXT_READ_MAX_BYTES = 16 * 1024 * 1024;

/** The record of a transfer has all of it. */
const NOT_TO_RESUME = [
  ...(['text', 'message', 'relay', 'keep', 'browserLink', 'expires', 'passwordFile'] as const),
  ...(['exclude', 'gitIgnore', 'skipUnreadable', 'growing', 'xattrs', 'verify'] as const),
  ...(['clipboard', 'private', 'clientKey'] as const),
];

const EXAMPLES = `
prints the invitation on standard output, and nothing else

examples:
  onionferry send holiday.jpg letters/
  tar c letters | onionferry send -
  onionferry send --text - < note
  onionferry send -t 'the door code is 4711'
  onionferry send --keep --expires 1d slides.pdf
  onionferry send --git-ignore --exclude '*.iso' project
  onionferry send --private --expires 1h diary
  onionferry send --resume
  onionferry send --relay ADDRESS --relay-password-file FILE slides.pdf`;

export function registerSend(program: Command, session: Session): void {
  const command = program
    .command('send')
    .summary('send files and folders')
    .description('waits at an onion address for a recipient with the invitation, and sends')
    .argument('[path...]', 'files and folders, or - for standard input')
    .option('--text <file>', 'send the text in a file, or - for standard input')
    .option('-t, --message <text>', 'send this text; others on this machine can see it')
    .option('--relay <onion>', "use somebody else's relay", relayArgument)
    .option('--relay-password-file <file>', 'file with its password, or - for standard input')
    .addOption(clientKeyOption('the relay'))
    .addOption(privateOption())
    .option('--resume', 'resume an interrupted transfer; takes no PATH')
    .option('--keep', 'serve any number of recipients, side by side')
    .option('--browser-link', 'also print a link that opens in Tor Browser without a login')
    .option('--skip-unreadable', 'leave out what cannot be read, and tell both sides')
    .option('--growing', 'send files that grow, such as logs, as long as they are now')
    .option('--xattrs', 'take extended attributes of the namespace user along')
    .addOption(throttleOption('send no more than this each second, such as 2MB/s'))
    .addOption(expiryOption('stop waiting after a time such as 30m'))
    .addOption(stallOption('give up a recipient that answers, but takes nothing (default: 10m)'));
  addNotifyOption(addClipboardOption(addVerifyOption(command)));
  addExcludeOptions(addSingleAddressOption(command))
    .addHelpText('after', EXAMPLES)
    .action((paths: string[], _: unknown, command: Command) => run(paths, command, session));
}

async function run(paths: string[], command: Command, session: Session): Promise<void> {
  const options: SendOptions = command.optsWithGlobals();
  if (options.resume === true) {
    refuseOthers(paths, command);
    await resume(options, session);
    return;
  }
  const { relay, keep = false, browserLink = false, qr } = options;
  const { skipUnreadable, growing, xattrs } = options;
  const verifying = verifyOption(options, session);
  if (verifying.length > 0 && (paths.includes('-') || options.text === '-')) {
    throw usageError('--verify asks at the keyboard; what is sent cannot come from there too');
  }
  const what = await inputOf(paths, options, session);
  const given: Option<'send'>[] = await optionsWithPassword(options, session);
  if (relay !== undefined) {
    given.push(withRelay(relay, await session.needRelayPassword(options)));
  }
  if (options.clientKey !== undefined) {
    given.push(withClientKey(await readSecretFile(options.clientKey, 'the key')));
  }
  if (keep) given.push(withKeep());
  if (browserLink) given.push(withBrowserLink());
  if (skipUnreadable === true) given.push(withSkipUnreadable());
  if (growing === true) given.push(withGrowing());
  if (xattrs === true) given.push(withXattrs());
  given.push(...excludeOptions(options), ...singleAddressOption(options), ...verifying);
  const { send } = await import('../../api/verbs/send.js');
  const kind = 'text' in what ? 'text' : 'files';
  await session.follow(send(what, ...given), {
    ...{ verb: 'send', qrCode: qr, keep, kind },
    ...{ clipboard: options.clipboard, notify: options.notify },
  });
}

/** What the configuration file always gives is nothing that was meant. @throws OnionferryError ERR_USAGE */
function refuseOthers(paths: readonly string[], command: Command): void {
  const isGiven = (name: keyof SendOptions): boolean =>
    command.getOptionValueSourceWithGlobals(name) === 'cli';
  if (paths.length > 0 || NOT_TO_RESUME.some(isGiven)) {
    throw usageError('--resume takes no PATH and no other options of send');
  }
}

async function resume(options: SendOptions, session: Session): Promise<void> {
  // Not of the transfer: it says how this run is reached.
  const given = [...(await commonOptions(options, session)), ...singleAddressOption(options)];
  const { interruptedSends, withInterrupted } = await import('../../api/interrupted-sends.js');
  const chosen = await chooseInterrupted(await interruptedSends(...given), session);
  const these = chosen === undefined ? [] : [withInterrupted(chosen.ids)];
  const { resumeSend } = await import('../../api/verbs/resume-send.js');
  await session.follow(resumeSend(...given, ...these), { verb: 'send', notify: options.notify });
}

async function inputOf(
  paths: readonly string[],
  { text, message }: SendOptions,
  session: Session,
): Promise<SendInput> {
  if (message !== undefined) {
    if (text !== undefined) throw usageError('use either --text or --message, not both');
    if (paths.length > 0) throw usageError('--message sends only a text; leave out PATH');
    return { text: message };
  }
  if (text !== undefined) {
    if (paths.length > 0) throw usageError('--text sends only a text; leave out PATH');
    return { text: text === '-' ? await readText(session) : await readTextFile(text) };
  }
  if (paths.length === 0) throw usageError('PATH is missing; name a file or folder to send');
  if (!paths.includes('-')) return paths;
  if (paths.length > 1) throw usageError('- is standard input, which must be the only PATH');
  if (session.input.isTerminal) session.screen.remark({ text: texts.typeText });
  return { stream: session.input.claim('the content'), name: 'stdin' };
}

async function readText({ input, screen, signal }: Session): Promise<string> {
  if (input.isTerminal) screen.remark({ text: texts.typeText });
  return textOf(await input.readAll('the text', TEXT_READ_MAX_BYTES, signal), 'the text');
}

async function readTextFile(path: string): Promise<string> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new OnionferryError('ERR_SOURCE', `cannot read the text from ${path}`, { cause });
  });
  return textOf(bytes, `the text in ${path}`);
}

function textOf(bytes: Uint8Array, what: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new OnionferryError('ERR_SOURCE', `${what} is not UTF-8; send it as a file instead`, {
      cause,
    });
  }
}
