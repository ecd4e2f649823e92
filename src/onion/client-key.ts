import { x25519 } from '@noble/curves/ed25519.js';
import type { Brand } from '../base/brand.js';
import { type Bytes, randomBytes } from '../base/bytes.js';
import { OnionferryError } from '../base/errors.js';
import { type OnionAddress, parseOnionAddress } from './address.js';
import { fromBase32, toBase32 } from './base32.js';

/**
 * The secret key of somebody whom a private onion service admits: 32 bytes of x25519, as 52
 * characters of base32, which is how tor's files have it and how Tor Browser asks for it.
 */
export type ClientKey = Brand<string, 'ClientKey'>;

/** What the service knows of such a key, written in the same way. */
export type ClientPublicKey = Brand<string, 'ClientPublicKey'>;

/** Those whom a private service admits. Nobody would mean everybody to tor. */
export type AdmittedClients = readonly [ClientPublicKey, ...ClientPublicKey[]];

/**
 * Clients that one service admits. Its descriptor has a line for each, and at most 50,000 bytes
 * (rend-spec-v3, HSV3MaxDescriptorSize).
 */
export const CLIENTS_MAX = 100;

const KEY_BYTES = 32;
/** Room for a line of a key file with white space around it. */
const TEXT_MAX_CHARACTERS = 256;
/** Before a key in the files of tor's client authorisation (rend-spec-v3, appendix G). */
const KIND = 'descriptor:x25519:';

export function createClientKey(): ClientKey {
  return keyOf(randomBytes(KEY_BYTES));
}

export function publicClientKey(key: ClientKey): ClientPublicKey {
  // Of 32 bytes, as every public key.
  return toBase32(x25519.getPublicKey(clientKeyBytes(key))) as ClientPublicKey;
}

/** The 32 bytes of a key. */
export function clientKeyBytes(key: ClientKey): Bytes {
  // A ClientKey has passed `parseClientKey` or was made here.
  return fromBase32(key) ?? new Uint8Array();
}

/**
 * Reads a secret key by itself, in any case.
 *
 * @throws OnionferryError ERR_KEY with the reason, never with the text
 */
export function parseClientKey(text: string): ClientKey {
  return keyOf(bytesOf(text));
}

/** @throws OnionferryError ERR_KEY */
export function parseClientPublicKey(text: string): ClientPublicKey {
  // Checked by `bytesOf`.
  return toBase32(bytesOf(text)) as ClientPublicKey;
}

/** A key, and the address that it is for, if that was said. */
export interface ClientKeyFile {
  readonly key: ClientKey;
  readonly onion?: OnionAddress;
}

/**
 * Reads what somebody was given: a line of tor's own files (`ADDRESS:descriptor:x25519:KEY`), or the
 * key alone.
 *
 * @throws OnionferryError ERR_KEY with the reason, never with the text
 */
export function parseClientKeyFile(text: string): ClientKeyFile {
  const line = text.length <= TEXT_MAX_CHARACTERS ? text.trim() : '';
  const [, address, key] = /^([a-z2-7]{56}):descriptor:x25519:(\S*)$/i.exec(line) ?? [];
  if (address === undefined || key === undefined) return { key: parseClientKey(line) };
  return { key: parseClientKey(key), onion: parseOnionAddress(address) };
}

/** A line for `ClientOnionAuthDir` and for `--client-key`. It holds the secret. */
export function formatClientKeyFile(onion: OnionAddress, key: ClientKey): string {
  return `${onion.replace(/\.onion$/, '')}:${KIND}${key}`;
}

/** A line for `authorized_clients` in a service's directory. */
export function formatAuthorizedClient(key: ClientPublicKey): string {
  return `${KIND}${key}`;
}

/** @throws OnionferryError ERR_KEY */
export function parseAuthorizedClient(text: string): ClientPublicKey {
  const line = text.trim();
  if (!line.startsWith(KIND)) throw bad();
  return parseClientPublicKey(line.slice(KIND.length));
}

function keyOf(bytes: Uint8Array): ClientKey {
  // The one place where a key becomes text, from the right number of bytes.
  return toBase32(bytes) as ClientKey;
}

function bytesOf(text: string): Bytes {
  const bytes =
    text.length <= TEXT_MAX_CHARACTERS ? fromBase32(text.trim().toLowerCase()) : undefined;
  // tor takes a key of zeros for none.
  if (bytes?.length !== KEY_BYTES || bytes.every((byte) => byte === 0)) throw bad();
  return bytes;
}

function bad(): OnionferryError {
  return new OnionferryError(
    'ERR_KEY',
    'the key for this address is not valid: it should be 52 letters and digits 2 to 7; copy all of it',
  );
}
