import { OnionferryError } from '../../base/errors.js';
import type { OnionAddress } from '../../onion/address.js';
import { DEFAULT_CURVE } from '../../pake/curves/curve-name.js';
import { type Invitation, looksLikeInvitation, parseInvitation } from '../../pake/invitation.js';
import { parsePassword } from '../../pake/password.js';

/**
 * Parses what the user has entered: a password or a whole invitation.
 *
 * @throws OnionferryError ERR_PASSWORD_FORM, ERR_INVITATION; ERR_USAGE if it belongs to another address
 */
export function parseCode(text: string, onion: OnionAddress): Invitation {
  if (!looksLikeInvitation(text)) {
    return { onion, curve: DEFAULT_CURVE, password: parsePassword(text) };
  }
  const invitation = parseInvitation(text);
  if (invitation.onion !== onion) {
    throw new OnionferryError('ERR_USAGE', 'this invitation belongs to another address');
  }
  return invitation;
}
