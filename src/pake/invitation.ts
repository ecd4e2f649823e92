import { OnionferryError } from '../base/errors.js';
import { type OnionAddress, parseOnionAddress } from '../onion/address.js';
import { type CurveName, DEFAULT_CURVE, isCurveName } from './curves/curve-name.js';
import { formatPassword, type Password, parsePassword } from './password.js';

/** All that a recipient needs, in one text. */
export interface Invitation {
  readonly onion: OnionAddress;
  readonly curve: CurveName;
  readonly password: Password;
  /** The password of somebody else's relay; with the sender's own relay there is none. */
  readonly relayPassword?: string;
  /** Said of what is worth many circuits from the start; not of what nobody knows the length of. */
  readonly size?: 'large';
}

const RELAY_PASSWORD_MAX_CHARACTERS = 512;
const LARGE = 'large';

/** More than the longest one, with every character percent-encoded. */
const INVITATION_MAX_CHARACTERS = 12_288;

/**
 * `http://<onion>/#<words>`, then `;curve=`, `;relay=` and `;size=` where they are not the default.
 * All that is secret stands in the fragment, which browsers do not send.
 *
 * @throws OnionferryError ERR_INVITATION if the relay's password is one that none can carry
 */
export function formatInvitation(invitation: Invitation): string {
  const { onion, curve, password, relayPassword, size } = invitation;
  const parts = [encode(formatPassword(password))];
  if (curve !== DEFAULT_CURVE) parts.push(`curve=${curve}`);
  if (relayPassword !== undefined) parts.push(`relay=${encode(checkRelayPassword(relayPassword))}`);
  if (size !== undefined) parts.push(`size=${size}`);
  return `http://${onion}/#${parts.join(';')}`;
}

/**
 * Reads an invitation; white space around it and a missing `http://` do no harm.
 *
 * @throws OnionferryError ERR_INVITATION with the reason; never with what was given
 */
export function parseInvitation(text: string): Invitation {
  if (text.length > INVITATION_MAX_CHARACTERS) throw bad('it is too long');
  const [, address, fragment] = /^([^#]*)#([^#]*)$/.exec(text.trim()) ?? [];
  if (address === undefined || fragment === undefined) {
    throw bad('it should be an onion address, then #, then the password');
  }
  const [words = '', ...others] = fragment.split(';');
  const named = new Map<string, string>();
  for (const part of others) {
    const [, name, value] = /^(curve|relay|size)=(.*)$/.exec(part) ?? [];
    if (name === undefined || value === undefined || named.has(name)) {
      throw bad('a part of it is unknown or doubled; a newer onionferry may have made it');
    }
    named.set(name, decode(value));
  }
  const curve = named.get('curve') ?? DEFAULT_CURVE;
  if (!isCurveName(curve)) throw bad('its curve is unknown; a newer onionferry may have made it');
  const relayPassword = named.get('relay');
  const size = named.get('size');
  return {
    onion: within(() => parseOnionAddress(address)),
    curve,
    password: within(() => parsePassword(decode(words))),
    ...(relayPassword !== undefined && { relayPassword: checkRelayPassword(relayPassword) }),
    // A hint alone: one that is not understood takes nothing from the rest.
    ...(size === LARGE && { size }),
  };
}

/** Whether `text` is meant as an invitation, whole or not: such a text holds a secret. */
export function looksLikeInvitation(text: string): boolean {
  return /\.onion/i.test(text) && text.includes('#');
}

function checkRelayPassword(text: string): string {
  if (text === '' || text.length > RELAY_PASSWORD_MAX_CHARACTERS || /[\p{Cc}\p{Cs}]/u.test(text)) {
    throw bad(
      `a relay's password has 1 to ${RELAY_PASSWORD_MAX_CHARACTERS} characters on a single line`,
    );
  }
  return text;
}

/** Brackets, quotes and the like too, which programs cut off where they make links of texts. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*~]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw bad('it is damaged; copy it again');
  }
}

/** The address and the password of an invitation fail as the invitation's own error. */
function within<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof OnionferryError) || error.code === 'ERR_INVITATION') throw error;
    throw new OnionferryError('ERR_INVITATION', error.message, { cause: error });
  }
}

function bad(reason: string): OnionferryError {
  return new OnionferryError('ERR_INVITATION', `the invitation cannot be used: ${reason}`);
}
