import { ed25519 } from '@noble/curves/ed25519.js';
import { sha3_256 } from '@noble/hashes/sha3.js';
import type { Brand } from '../base/brand.js';
import { type Bytes, concat, equalBytes, utf8 } from '../base/bytes.js';
import { OnionferryError } from '../base/errors.js';
import { fromBase32, toBase32 } from './base32.js';

/** A v3 onion address, checked: 56 lower-case base32 characters and `.onion`. */
export type OnionAddress = Brand<string, 'OnionAddress'>;

const VERSION = 3;
const PUBLIC_KEY_BYTES = 32;
const CHECKSUM_BYTES = 2;

/** Room for an address with scheme, slashes and white space. */
const TEXT_MAX_CHARACTERS = 256;

/**
 * Reads an address as people paste it: with or without `.onion`, `http://` and a trailing slash, in
 * any case. Format and checksum: Tor's rend-spec-v3, section 6 ("Encoding onion addresses").
 *
 * @throws OnionferryError ERR_ONION_ADDRESS with the reason
 */
export function parseOnionAddress(text: string): OnionAddress {
  const host =
    text.length <= TEXT_MAX_CHARACTERS
      ? /^(?:https?:\/\/)?([a-z2-7]{56})(?:\.onion)?\/?$/i.exec(text.trim())?.[1]
      : undefined;
  // 56 characters of 5 bits are exactly 35 bytes, with no spare bits: each key has one address.
  const bytes = host === undefined ? undefined : fromBase32(host.toLowerCase());
  if (bytes === undefined) {
    throw bad('it should be 56 letters and digits 2 to 7, then .onion');
  }
  const publicKey = bytes.subarray(0, PUBLIC_KEY_BYTES);
  const checksum = bytes.subarray(PUBLIC_KEY_BYTES, PUBLIC_KEY_BYTES + CHECKSUM_BYTES);
  if (bytes.at(-1) !== VERSION) {
    throw bad('it is not a version 3 address, the only version in use');
  }
  if (!equalBytes(checksum, checksumOf(publicKey))) {
    throw bad('its checksum does not match, so it has a typo; copy it again');
  }
  return onionAddressOf(publicKey);
}

/**
 * The address of the service with this ed25519 public key (32 bytes).
 *
 * @throws OnionferryError ERR_ONION_ADDRESS if the key is not a point of the prime-order group
 */
export function onionAddressOf(publicKey: Uint8Array): OnionAddress {
  if (!isServiceKey(publicKey)) throw bad('no onion service can have its key');
  const text = `${toBase32(concat(publicKey, checksumOf(publicKey), Uint8Array.of(VERSION)))}.onion`;
  // The one place where an address is made, from a key that was just checked.
  return text as OnionAddress;
}

/**
 * After Tor's key blinding, a point plus one of the seven points of small order leads to the same
 * service. If torsion were allowed, each service would have eight addresses, and comparing or
 * pinning one (we bind it into the key agreement) would prove nothing. rend-spec-v3 asks clients to
 * refuse such keys.
 */
function isServiceKey(publicKey: Uint8Array): boolean {
  // A program speaks of one address again and again, and each check takes milliseconds.
  if (latest !== undefined && equalBytes(latest, publicKey)) return true;
  try {
    const point = ed25519.Point.fromBytes(publicKey);
    if (point.is0() || !point.isTorsionFree()) return false;
  } catch {
    return false;
  }
  latest = new Uint8Array(publicKey);
  return true;
}

/** The key that was last found to be a service's. */
let latest: Bytes | undefined;

function checksumOf(publicKey: Uint8Array): Bytes {
  const whole = sha3_256(concat(utf8('.onion checksum'), publicKey, Uint8Array.of(VERSION)));
  return whole.slice(0, CHECKSUM_BYTES);
}

function bad(reason: string): OnionferryError {
  return new OnionferryError('ERR_ONION_ADDRESS', `the onion address is not valid: ${reason}`);
}
