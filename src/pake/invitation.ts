import { OnionferryError } from '../base/errors.js';
import { type OnionAddress, parseOnionAddress } from '../onion/address.js';
import { type ClientKey, parseClientKey } from '../onion/client-key.js';
import { type CurveName, DEFAULT_CURVE, isCurveName } from './curves/curve-name.js';
import { formatPassword, type Password, parsePassword } from './password.js';
import { type Pasted, readPasted } from './pasted-invitation.js';

/** Everything a recipient needs, in one line of text. */
export interface Invitation {
  readonly onion: OnionAddress;
  readonly curve: CurveName;
  readonly password: Password;
  /** The password of somebody else's relay; absent with the sender's own relay. */
  readonly relayPassword?: string;
  /** Large enough to open many circuits at once; absent if the size is unknown. */
  readonly size?: 'large';
  /** What tor needs to reach the address at all; absent unless that is private. */
  readonly clientKey?: ClientKey;
}

const RELAY_PASSWORD_MAX_CHARACTERS = 512;
const LARGE = 'large';
/** Of an onion address, before `.onion`. */
const ADDRESS_CHARACTERS = 56;

/** Longer than any invitation, even with every character percent-encoded. */
export const INVITATION_MAX_CHARACTERS: number = 12_288;

/**
 * `http://<onion>/#<words>`, then `;curve=`, `;relay=`, `;size=` and `;key=` where not the default. Secrets
 * are in the fragment, which browsers do not send.
 *
 * @throws OnionferryError ERR_INVITATION if the relay's password cannot be part of an invitation
 */
export function formatInvitation(invitation: Invitation): string {
  const { onion, curve, password, relayPassword, size, clientKey } = invitation;
  const parts = [encode(formatPassword(password))];
  if (curve !== DEFAULT_CURVE) parts.push(`curve=${curve}`);
  if (relayPassword !== undefined) parts.push(`relay=${encode(checkRelayPassword(relayPassword))}`);
  if (size !== undefined) parts.push(`size=${size}`);
  if (clientKey !== undefined) parts.push(`key=${clientKey}`);
  return `http://${onion}/#${parts.join(';')}`;
}

/** An invitation that a browser opens without asking for the login of the relay. */
export function formatBrowserLink(invitation: Invitation, user: string): string {
  const { password, relayPassword = password.access } = invitation;
  const login = `${encode(user)}:${encode(relayPassword)}`;
  return formatInvitation(invitation).replace('http://', () => `http://${login}@`);
}

/**
 * Reads an invitation as it was delivered: `findInvitation` says what does not matter.
 *
 * @throws OnionferryError ERR_INVITATION with the reason, never with the text itself
 */
export function readInvitation(text: string): Invitation {
  const found = findInvitation(text);
  if (found.kind === 'several') throw bad('there are several in this text; paste only one');
  if (found.kind === 'invitation') return parseInvitation(found.text);
  const [, host] = /([a-z0-9]{16,})\.onion/i.exec(text) ?? [];
  if (host !== undefined && host.length !== ADDRESS_CHARACTERS) {
    throw bad(
      `its address has ${host.length} characters instead of ${ADDRESS_CHARACTERS}; copy all of it`,
    );
  }
  return parseInvitation(text);
}

/**
 * Reads an invitation by itself; surrounding white space and a missing `http://` are fine.
 *
 * @throws OnionferryError ERR_INVITATION with the reason, never with the text itself
 */
export function parseInvitation(text: string): Invitation {
  if (text.length > INVITATION_MAX_CHARACTERS) throw bad('it is too long');
  const [, address, fragment] = /^([^#]*)#([^#]*)$/.exec(text.trim()) ?? [];
  if (address === undefined || fragment === undefined) {
    throw bad('it should be an onion address, then #, then the password; copy all of it');
  }
  const [words = '', ...others] = fragment.split(';');
  const named = new Map<string, string>();
  for (const part of others) {
    const [, written, value] = /^(curve|relay|size|key)=(.*)$/i.exec(part) ?? [];
    const name = written?.toLowerCase();
    if (name === undefined || value === undefined || named.has(name)) {
      throw bad('it has an unknown or repeated part; it may come from a newer onionferry');
    }
    named.set(name, decode(value));
  }
  const curve = named.get('curve') ?? DEFAULT_CURVE;
  if (!isCurveName(curve)) throw bad('its curve is unknown; it may come from a newer onionferry');
  const relayPassword = named.get('relay');
  const size = named.get('size')?.toLowerCase();
  const key = named.get('key');
  const secret = decode(words);
  return {
    onion: within(() => parseOnionAddress(address)),
    curve,
    password: within(() => parsePassword(secret)),
    ...(relayPassword !== undefined && { relayPassword: checkRelayPassword(relayPassword) }),
    // Only a hint: an unknown value does not invalidate the rest.
    ...(size === LARGE && { size }),
    ...(key !== undefined && { clientKey: within(() => parseClientKey(key)) }),
  };
}

/**
 * Finds an invitation or an address in what somebody has pasted, whatever was put around it or into
 * it on the way: quotes, brackets, other text, line breaks, invisible characters, escapes of HTML,
 * Markdown and addresses.
 *
 * @param isWord tells words of the list, so that one that a line break went through is put together
 */
export function findInvitation(text: string, isWord?: (word: string) => boolean): Pasted {
  if (text.length > INVITATION_MAX_CHARACTERS) return { kind: 'nothing' };
  return readPasted(text, { isWhole, isWord });
}

/** Whether `text` is meant as an invitation, even a damaged one: it would hold a secret. */
export function looksLikeInvitation(text: string): boolean {
  if (/\.onion/i.test(text) && /#|%23/.test(text)) return true;
  return findInvitation(text).kind === 'invitation';
}

function isWhole(fragment: string): boolean {
  const [words = '', ...parts] = fragment.split(';');
  try {
    parsePassword(decode(words));
    // A line may have been broken within the key.
    const key = parts.find((part) => part.startsWith('key='));
    if (key !== undefined) parseClientKey(decode(key.slice('key='.length)));
    return true;
  } catch {
    return false;
  }
}

function checkRelayPassword(text: string): string {
  if (text === '' || text.length > RELAY_PASSWORD_MAX_CHARACTERS || /[\p{Cc}\p{Cs}]/u.test(text)) {
    throw bad(
      `its relay password must be 1 to ${RELAY_PASSWORD_MAX_CHARACTERS} characters on one line`,
    );
  }
  return text;
}

/** Also encodes brackets, dots and the like, which programs drop when they turn text into links. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*~._]/g,
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

/** An error in the address, the password or the key becomes an error of the invitation. */
function within<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof OnionferryError)) throw error;
    throw new OnionferryError('ERR_INVITATION', error.message, { cause: error });
  }
}

function bad(reason: string): OnionferryError {
  return new OnionferryError('ERR_INVITATION', `the invitation cannot be used: ${reason}`);
}
