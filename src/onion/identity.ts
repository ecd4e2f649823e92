import { ed25519 } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { type Bytes, concat, randomBytes, utf8 } from '../base/bytes.js';
import { OnionferryError } from '../base/errors.js';
import { keepTableSmall } from '../base/generator-table.js';
import { type OnionAddress, onionAddressOf } from './address.js';

/** The key of an onion service. Anyone with the seed controls the address. */
export interface Identity {
  /** The 32-byte ed25519 private key of RFC 8032. */
  readonly seed: Bytes;
  /** 32 bytes. */
  readonly publicKey: Bytes;
  readonly address: OnionAddress;
}

export const SEED_BYTES = 32;

keepTableSmall(ed25519.Point.BASE);

/**
 * The identity of `seed`, or a new one.
 *
 * @throws OnionferryError ERR_KEY if `seed` is not 32 bytes
 */
export function createIdentity(seed: Uint8Array = randomBytes(SEED_BYTES)): Identity {
  if (seed.length !== SEED_BYTES) {
    throw new OnionferryError('ERR_KEY', `an onion key must have ${SEED_BYTES} bytes`);
  }
  const publicKey = ed25519.getPublicKey(seed);
  return { seed: new Uint8Array(seed), publicKey, address: onionAddressOf(publicKey) };
}

/**
 * The content of tor's `hs_ed25519_secret_key`: a 32-byte header and the expanded key (RFC 8032,
 * section 5.1.5, steps 1 and 2). tor derives `hostname` and the public key from this file.
 */
export function hiddenServiceSecretKey(identity: Identity): Bytes {
  const expanded = sha512(identity.seed);
  expanded[0] = (expanded[0] ?? 0) & 248;
  expanded[31] = ((expanded[31] ?? 0) & 63) | 64;
  const file = concat(utf8('== ed25519v1-secret: type0 ==\0\0\0'), expanded);
  expanded.fill(0);
  return file;
}
