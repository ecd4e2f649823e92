import { parse, resolve } from 'node:path';
import { type Command, Option as CommandOption } from 'commander';
import { withXattrs } from '../../api/content-options.js';
import {
  CONFLICTS,
  findInvitation,
  looksLikeInvitation,
  parseOnionAddress,
  readInvitation,
  usageError,
  withClientKey,
  withPassword,
  withRelay,
} from '../../api/options.js';
import { withUser } from '../../api/page-options.js';
import {
  withAccept,
  withAnotherPassword,
  withConflict,
  withOnly,
  withOutput,
  withOutputName,
  withOutputStream,
} from '../../api/receive-options.js';
import type { Option } from '../../api/settings.js';
import { OnionferryError } from '../../base/errors.js';
import { collect, parseChoice } from '../arguments.js';
import { askYesNo } from '../ask.js';
import {
  clientKeyOption,
  commonOptions,
  type GlobalOptions,
  stallOption,
  throttleOption,
} from '../global-options.js';
import { askInvited, askingAgain, type Invited, readInvited, warnOfWords } from '../invited.js';
import { onionArgument, relayArgument } from '../secrets/secret-arguments.js';
import { readSecretFile } from '../secrets/secret-text.js';
import type { Session } from '../session.js';
import { noInvitation, offerLines, question } from '../wording.js';
import { addNotifyOption, type NotifyOption } from './attention.js';
import { addVerifyOption, type VerifyOption, verifyOption } from './verify.js';

interface ReceiveOptions extends GlobalOptions, NotifyOption, VerifyOption {
  readonly out?: string;
  readonly outputName?: string;
  readonly stdout?: boolean;
  readonly yes?: boolean;
  readonly only?: readonly string[];
  readonly xattrs?: boolean;
  readonly onConflict?: Option;
  readonly user?: string;
  readonly relay?: string;
  readonly relayPasswordFile?: string;
  readonly clientKey?: string;
  readonly stallLimit?: Option;
}

const EXAMPLES = `
the invitation comes from --password-file, ONIONFERRY_PASSWORD, a prompt or
the first line of standard input, never from the command line. without a
terminal, offers are accepted without asking. existing files are kept, unless
--on-conflict sets another rule. an interrupted transfer into the same folder
resumes without an invitation.

examples:
  onionferry receive
  onionferry receive --out ~/Downloads --yes < invitation
  onionferry receive ADDRESS
  onionferry receive -o ~/report.pdf
  onionferry receive --only '*.pdf' --only letters/
  onionferry receive --stdout | tar x`;

export function registerReceive(program: Command, session: Session): void {
  const command = program
    .command('receive')
    .summary('receive what a sender offers')
    .description(
      'receives what send or share offers, with an invitation or an address and a password',
    )
    .argument('[onion]', "the sender's address; without it, an invitation is read")
    .option('--out <dir>', 'folder to write into, created if missing (default: ".")')
    .option('-o, --output-name <path>', 'name for the single file or folder that is received')
    .option('--stdout', 'write a single file to standard output')
    .option('--yes', 'accept without asking')
    .option('--only <pattern>', 'fetch only what matches, as in .gitignore; repeatable', collect)
    .option('--xattrs', 'set extended attributes that came along')
    .addOption(
      new CommandOption('--on-conflict <what>', 'what to do if a name exists')
        .choices(CONFLICTS)
        .argParser((text) => withConflict(parseChoice(text, '--on-conflict', CONFLICTS))),
    )
    .option('-u, --user <user>', 'the user name of a share, which only browsers need')
    .option(
      '--relay <onion>',
      "the sender's address, if it is somebody else's relay",
      relayArgument,
    )
    .option('--relay-password-file <file>', 'file with its password, or - for standard input')
    .addOption(clientKeyOption('the address'))
    .addOption(throttleOption('take no more than this each second, such as 2MB/s'))
    .addOption(stallOption('give up a sender that answers, but sends nothing (default: 10m)'));
  addNotifyOption(addVerifyOption(command))
    .addHelpText('after', EXAMPLES)
    .action((onion: string | undefined, _: unknown, command: Command) =>
      run(onion, command.optsWithGlobals(), session),
    );
}

async function run(
  onion: string | undefined,
  options: ReceiveOptions,
  session: Session,
): Promise<void> {
  checkOutput(options, session);
  const verifying = verifyOption(options, session);
  const again: Option<'receive' | 'resumeReceive'>[] = await commonOptions(options, session);
  const { isInterrupted, receive, resumeReceive } = await import('../../api/verbs/receive.js');
  const { stdout = false, yes = false, only, relay } = options;
  if (onion !== undefined && relay !== undefined) {
    throw usageError('give the address as ONION or with --relay, not both');
  }
  const address = onion === undefined ? relay : onionArgument(onion);
  if (only !== undefined) again.push(withOnly(...only));
  if (options.xattrs === true) again.push(withXattrs());
  if (options.clientKey !== undefined) {
    again.push(withClientKey(await readSecretFile(options.clientKey, 'the key')));
  }
  const { out, name } = whereTo(options);
  if (name !== undefined) again.push(withOutputName(name));
  const output = stdout ? withOutputStream(process.stdout) : withOutput(out);
  const { notify } = options;
  const scene = { verb: 'receive', directory: stdout ? undefined : out, notify } as const;
  const { TorAhead, withTorAhead } = await import('../../api/tor-ahead.js');
  await using torAhead = new TorAhead(...again);
  again.push(withTorAhead(torAhead));
  const invited = await invitedBy(address, options, session, {
    canResume: () => isInterrupted(address, ...again, output),
    onAsking: () => torAhead.begin(),
  });
  if (invited === undefined) {
    await session.follow(resumeReceive(address, ...again, output), scene);
    return;
  }
  const given: Option<'receive'>[] = [...again];
  const { from, password } = whence(address ?? invited.address, invited.secret);
  if (password !== undefined) given.push(withPassword(password));
  if (password === undefined || !session.canAsk) {
    await warnOfWords(password ?? passwordOf(from), session);
  }
  if (session.canAsk) given.push(withAnotherPassword(askingAgain(session)));
  if (address !== undefined && (relay !== undefined || hasRelayPassword(options, session))) {
    given.push(withRelay(address, await session.needRelayPassword(options)));
  }
  // Only checked: programs show the access words, which the password has.
  const user = options.user ?? invited.user;
  if (user !== undefined) given.push(withUser(user));
  given.push(output, ...verifying);
  const asks = !yes && session.canAsk;
  if (asks) given.push(accepting(stdout ? undefined : out, session));
  await session.follow(receive(from, ...given), { ...scene, asks });
}

/** The folder, and the name in it if there is one. @throws OnionferryError ERR_USAGE */
function whereTo({ out, outputName }: ReceiveOptions): { out: string; name?: string } {
  if (outputName === undefined) return { out: out ?? '.' };
  const { dir, base } = parse(outputName);
  if (/[/\\]$/.test(outputName)) throw usageError('-o takes a name; for a folder, use --out');
  if (out === undefined) return { out: dir === '' ? '.' : dir, name: base };
  if (dir !== '') throw usageError('with --out, -o takes a name without a folder');
  return { out, name: base };
}

/** A relay password says that the address is that of a relay. */
function hasRelayPassword({ relayPasswordFile }: ReceiveOptions, { secrets }: Session): boolean {
  return relayPasswordFile !== undefined || secrets.relayPassword !== undefined;
}

function checkOutput(
  { stdout, out, outputName, onConflict }: ReceiveOptions,
  session: Session,
): void {
  if (stdout !== true) return;
  if (out !== undefined || outputName !== undefined || onConflict !== undefined) {
    throw usageError('--stdout writes no files; leave out --out, -o and --on-conflict');
  }
  if (session.screen.mode.json) throw usageError('use either --json or --stdout, not both');
  if (session.screen.terminal.stdout.isTTY === true) {
    // A file may hold escape sequences.
    throw usageError('--stdout writes to a pipe or a file, not to a terminal');
  }
}

/** The sender's address and words, or an invitation with both. */
function whence(address: string | undefined, secret: string): { from: string; password?: string } {
  const found = findInvitation(secret);
  if (found.kind === 'invitation' || looksLikeInvitation(secret)) {
    const from = found.kind === 'invitation' ? found.text : secret;
    if (address !== undefined && !from.includes(parseOnionAddress(address))) {
      throw new OnionferryError('ERR_INVITATION', 'the invitation is for another address');
    }
    return { from };
  }
  if (address !== undefined) return { from: address, password: secret };
  throw new OnionferryError('ERR_INVITATION', noInvitation(secret));
}

function passwordOf(invitation: string): string {
  const { access, words } = readInvitation(invitation).password;
  return `${access}-${words}`;
}

interface Asking {
  readonly canResume: () => Promise<boolean>;
  /** A person is about to type. */
  readonly onAsking: () => void;
}

/** @returns undefined if none is given, and none is needed to resume a transfer */
async function invitedBy(
  address: string | undefined,
  options: ReceiveOptions,
  session: Session,
  { canResume, onAsking }: Asking,
): Promise<Invited | undefined> {
  const given = await session.password(options);
  if (given !== undefined) return { secret: given };
  if (await canResume()) {
    if (session.input.isTerminal) return undefined;
    // The same command again may come with the same invitation again.
    const secret = await session.readSecretLineIfAny('the invitation');
    return secret === undefined ? undefined : { secret };
  }
  if (!session.input.isTerminal) return await readInvited(address, session);
  onAsking();
  return await askInvited(address, session);
}

function accepting(directory: string | undefined, session: Session): Option<'receive'> {
  return withAccept(async (offer, over) => {
    const asking = session.askOptions('the answer');
    const options = { ...asking, signal: AbortSignal.any([asking.signal, over]) };
    session.screen.terminal.say(...offerLines(offer));
    // A text is shown, and goes into no folder.
    const into = offer.kind === 'text' || directory === undefined ? undefined : resolve(directory);
    return await askYesNo(question(into), options);
  });
}
