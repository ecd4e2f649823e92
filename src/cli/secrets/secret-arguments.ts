import { looksLikeInvitation, parseOnionAddress } from '../../api/options.js';
import { OnionferryError } from '../../base/errors.js';

/**
 * Refuses arguments that hold a secret before anything else reads them: anyone who may list the
 * processes of this machine can see them. The error never repeats them.
 *
 * A '#' alone is fine, since names of files may have one; `onionArgument` is stricter.
 *
 * @throws OnionferryError ERR_INVITATION_IN_ARGV
 */
export function refuseSecretArguments(argv: readonly string[]): void {
  for (const argument of argv) {
    const value = argument.replace(/^--[\w-]+=/, '');
    if (/^--(relay-)?password(=|$)/.test(argument)) throw secretArgument('a password');
    if (looksLikeInvitation(value)) throw secretArgument('an invitation');
    if (/^[a-z][a-z\d+.-]*:\/\//i.test(value) && /#|^[^/]*\/\/[^/]*@/.test(value)) {
      throw secretArgument('an address with a password in it');
    }
  }
}

/**
 * Takes an onion address from the command line.
 *
 * @throws OnionferryError ERR_INVITATION_IN_ARGV if it looks like an invitation or a password,
 *   ERR_ONION_ADDRESS if it is neither that nor a valid address; never with what was given
 */
export function onionArgument(text: string): string {
  if (/[#@]/.test(text)) throw secretArgument('an invitation');
  const address = /^(?:https?:\/\/)?([a-z2-7]{56})(?:\.onion)?\/?$/i.exec(text)?.[1];
  if (address === undefined) {
    if (/[-\s]/.test(text.replace(/^https?:\/\//i, ''))) throw secretArgument('a password');
    throw new OnionferryError(
      'ERR_ONION_ADDRESS',
      'that is not an onion address, which has 56 letters and digits and ends in .onion',
    );
  }
  return parseOnionAddress(address);
}

function secretArgument(what: string): OnionferryError {
  return new OnionferryError(
    'ERR_INVITATION_IN_ARGV',
    `do not put ${what} on the command line, where other programs on this machine can read it`,
  );
}
