import { looksLikeInvitation, parseOnionAddress } from '../../api/options.js';
import { OnionferryError } from '../../base/errors.js';
import { AdvisedError } from '../error-wording.js';

const INVITATION_HINTS = [
  'run onionferry receive and paste it when asked, or use --password-file or ONIONFERRY_PASSWORD',
  'it may have been seen already; ask the sender for a new one',
] as const;
const RELAY_HINTS = [
  "give --relay the address alone, and the relay's password by --relay-password-file or ONIONFERRY_RELAY_PASSWORD",
  'it may have been seen already; whoever runs the relay can choose another',
] as const;
const CHOSEN_HINTS = [
  'use --password-file or ONIONFERRY_PASSWORD, or leave it out to have one generated',
  'it may have been seen already; choose another',
] as const;

/**
 * Refuses arguments that hold a secret before anything else reads them: anyone who may list the
 * processes of this machine can see them. The error never repeats them.
 *
 * A '#' alone is fine, since names of files may have one; `onionArgument` is stricter.
 *
 * @throws OnionferryError ERR_INVITATION_IN_ARGV
 */
export function refuseSecretArguments(argv: readonly string[]): void {
  argv.forEach((argument, index) => {
    const refuse = (what: string): never => {
      throw secretArgument(what, hintsAbout(argv, index));
    };
    const value = argument.replace(/^--[\w-]+=/, '');
    if (/^--(relay-)?password(=|$)/.test(argument)) refuse('a password');
    if (looksLikeInvitation(value)) refuse('an invitation');
    if (/^[a-z][a-z\d+.-]*:\/\//i.test(value) && /#|^[^/]*\/\/[^/]*@/.test(value)) {
      refuse('an address with a password in it');
    }
  });
}

/** How to give instead what should not stand there. */
function hintsAbout(argv: readonly string[], index: number): readonly string[] {
  const argument = argv[index] ?? '';
  const isOfRelay = /^--relay(-password)?(=|$)/.test(argument) || argv[index - 1] === '--relay';
  if (isOfRelay) return RELAY_HINTS;
  const isChosen = /^--password(=|$)/.test(argument) && !argv.includes('receive');
  return isChosen ? CHOSEN_HINTS : INVITATION_HINTS;
}

/**
 * Takes an onion address from the command line.
 *
 * @throws OnionferryError ERR_INVITATION_IN_ARGV if it looks like an invitation or a password,
 *   ERR_ONION_ADDRESS if it is neither that nor a valid address; never with what was given
 */
export function onionArgument(text: string): string {
  return addressFrom(text, INVITATION_HINTS);
}

/** As above, for the address of somebody else's relay. */
export function relayArgument(text: string): string {
  return addressFrom(text, RELAY_HINTS);
}

function addressFrom(text: string, hints: readonly string[]): string {
  if (/#/.test(text)) throw secretArgument('an invitation', hints);
  if (/@/.test(text)) throw secretArgument('an address with a password in it', hints);
  const address = /^(?:https?:\/\/)?([a-z2-7]{56})(?:\.onion)?\/?$/i.exec(text.trim())?.[1];
  if (address === undefined) {
    if (/[-\s]/.test(text.replace(/^https?:\/\//i, ''))) throw secretArgument('a password', hints);
    throw new OnionferryError(
      'ERR_ONION_ADDRESS',
      'that is not an onion address, which has 56 letters and digits and ends in .onion',
    );
  }
  return parseOnionAddress(address);
}

function secretArgument(what: string, hints: readonly string[]): OnionferryError {
  return new AdvisedError(
    'ERR_INVITATION_IN_ARGV',
    `do not put ${what} on the command line, where other programs on this machine can read it`,
    hints,
  );
}
