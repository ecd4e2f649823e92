import type { Command } from 'commander';
import {
  CONFLICTS,
  withAccept,
  withConflict,
  withOutput,
  withOutputStream,
  withPassword,
  withRelay,
} from '../../api/options.js';
import type { Option } from '../../api/settings.js';
import { receive } from '../../api/verbs/receive.js';
import { isInterrupted, resumeReceive } from '../../api/verbs/resume-receive.js';
import { looksLikeInvitation } from '../../api/vocabulary.js';
import { OnionferryError } from '../../base/errors.js';
import { parseChoice } from '../arguments.js';
import { askYesNo } from '../ask.js';
import { commonOptions, type GlobalOptions } from '../global-options.js';
import { onionArgument } from '../secrets/arguments.js';
import type { Session } from '../session.js';
import { noInvitation, offerLines, question } from '../wording.js';
import { passwordFrom, relayPasswordFrom } from './passwords.js';

interface ReceiveOptions extends GlobalOptions {
  readonly out?: string;
  readonly stdout?: boolean;
  readonly yes?: boolean;
  readonly onConflict?: (typeof CONFLICTS)[number];
  readonly relay?: string;
  readonly relayPasswordFile?: string;
}

const EXAMPLES = `
the invitation is read from --password-file, ONIONFERRY_PASSWORD, a prompt, or the first line of
standard input, and never from the command line. where nobody can be asked, offers are accepted;
files that exist are kept, unless --on-conflict says otherwise.
what was interrupted on its way into the same folder goes on without an invitation.

examples:
  onionferry receive
  onionferry receive --out ~/Downloads --yes < invitation
  onionferry receive ADDRESS
  onionferry receive --stdout | tar x`;

export function registerReceive(program: Command, session: Session): void {
  program
    .command('receive')
    .summary('fetch what a sender offers')
    .description('fetches what a sender offers, by its invitation or by address and password')
    .argument('[onion]', "the sender's address; without one, an invitation is read")
    .option('--out <dir>', 'write into a folder, made when missing (default: ".")')
    .option('--stdout', 'write the one file to standard output')
    .option('--yes', 'accept without asking')
    .option('--on-conflict <what>', `when a name exists: ${CONFLICTS.join(', ')}`, (text) =>
      parseChoice(text, '--on-conflict', CONFLICTS),
    )
    .option('--relay <onion>', "the address is that of another's relay", onionArgument)
    .option(
      '--relay-password-file <file>',
      'read its password from a file, or - for standard input',
    )
    .addHelpText('after', EXAMPLES)
    .action(async (onion: string | undefined, _: unknown, command: Command) => {
      await run(onion, command.optsWithGlobals<ReceiveOptions>(), session);
    });
}

async function run(
  onion: string | undefined,
  options: ReceiveOptions,
  session: Session,
): Promise<void> {
  checkOutput(options, session);
  const given = await commonOptions(options, session);
  const { out = '.', stdout = false, yes = false, onConflict, relay } = options;
  if (onion !== undefined && relay !== undefined) {
    throw usage('give the address either as ONION or by --relay');
  }
  const address = onion === undefined ? relay : onionArgument(onion);
  const whereTo = stdout ? withOutputStream(process.stdout) : withOutput(out);
  const scene = { verb: 'receive', directory: stdout ? undefined : out } as const;
  const secret = await secretOf(address, options, session, () =>
    isInterrupted(address, ...given, whereTo),
  );
  if (secret === undefined) {
    await session.follow(resumeReceive(address, ...given, whereTo), scene);
    return;
  }
  const { from, password } = whence(address, secret);
  if (password !== undefined) given.push(withPassword(password));
  if (address !== undefined && (relay !== undefined || hasRelayPassword(options, session))) {
    given.push(withRelay(address, await relayPasswordFrom(options, session)));
  }
  given.push(whereTo);
  if (onConflict !== undefined) given.push(withConflict(onConflict));
  const asks = !yes && session.canAsk;
  if (asks) given.push(accepting(stdout ? undefined : out, session));
  await session.follow(receive(from, ...given), { ...scene, asks });
}

/** A relay's password says by itself that the address is a relay's. */
function hasRelayPassword({ relayPasswordFile }: ReceiveOptions, { secrets }: Session): boolean {
  return relayPasswordFile !== undefined || secrets.relayPassword !== undefined;
}

function checkOutput({ stdout, out, onConflict }: ReceiveOptions, session: Session): void {
  if (stdout !== true) return;
  if (out !== undefined || onConflict !== undefined) {
    throw usage('--stdout writes no file; leave out --out and --on-conflict');
  }
  if (session.screen.mode.json) throw usage('standard output is either for --json or for --stdout');
  if (session.screen.terminal.stdout.isTTY === true) {
    // A file may hold anything that a terminal obeys.
    throw usage('--stdout is for a pipe or a file, not for a terminal');
  }
}

/** The sender's address and words, or an invitation that holds both. */
function whence(address: string | undefined, secret: string): { from: string; password?: string } {
  if (looksLikeInvitation(secret)) {
    if (address !== undefined && !secret.toLowerCase().includes(address)) {
      throw new OnionferryError('ERR_INVITATION', 'the invitation is for another address');
    }
    return { from: secret };
  }
  if (address !== undefined) return { from: address, password: secret };
  throw new OnionferryError('ERR_INVITATION', noInvitation(secret));
}

/** @returns undefined if nobody has given one and something can go on without it */
async function secretOf(
  address: string | undefined,
  options: ReceiveOptions,
  session: Session,
  canResume: () => Promise<boolean>,
): Promise<string | undefined> {
  const given = await passwordFrom(options, session);
  if (given !== undefined) return given;
  if (!(await canResume())) return await obtain(address, session);
  if (session.input.isTerminal) return undefined;
  // Whoever runs the same command again may well give the same invitation again.
  return await session.readSecretLineIfAny('the invitation');
}

async function obtain(address: string | undefined, session: Session): Promise<string> {
  const what = address === undefined ? 'the invitation' : 'the password';
  if (!session.input.isTerminal) return await session.readSecretLine(what);
  if (!session.canAsk) {
    throw usage(`nobody can be asked for ${what}; give it by --password-file`);
  }
  for (;;) {
    const answer = await session.askSecret(what);
    if (address !== undefined || looksLikeInvitation(answer)) return answer;
    // A fresh prompt: one that only complains keeps the rejected answer, where nobody sees it.
    session.screen.remark({ text: noInvitation(answer, true) });
  }
}

function accepting(directory: string | undefined, session: Session): Option {
  return withAccept(async (offer) => {
    const options = session.askOptions('the answer');
    session.screen.terminal.say(...offerLines(offer));
    return await askYesNo(question(directory), options);
  });
}

function usage(message: string): OnionferryError {
  return new OnionferryError('ERR_USAGE', message);
}
