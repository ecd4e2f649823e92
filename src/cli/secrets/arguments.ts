import { looksLikeInvitation, parseOnionAddress } from '../../api/vocabulary.js';
import { OnionferryError } from '../../base/errors.js';

/**
 * Refuses arguments that hold a secret, before anything looks at them: whoever may list this
 * machine's processes reads them. What was given is never repeated.
 *
 * A '#' alone says nothing here, for files have names with it; `onionArgument` is stricter.
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
 *   ERR_ONION_ADDRESS if it is no address either, or a mistyped one; never with what was given
 */
export function onionArgument(text: string): string {
  if (/[#@]/.test(text)) throw secretArgument('an invitation');
  const address = /^(?:https?:\/\/)?([a-z2-7]{56})(?:\.onion)?\/?$/i.exec(text)?.[1];
  if (address === undefined) {
    if (/[-\s]/.test(text.replace(/^https?:\/\//i, ''))) throw secretArgument('a password');
    throw new OnionferryError(
      'ERR_ONION_ADDRESS',
      'that is no onion address, which has 56 letters and digits and ends in .onion',
    );
  }
  return parseOnionAddress(address);
}

function secretArgument(what: string): OnionferryError {
  return new OnionferryError(
    'ERR_INVITATION_IN_ARGV',
    `${what} does not belong on the command line, where every process of this machine can read it`,
  );
}
