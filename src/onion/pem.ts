import { type Bytes, concat, equalBytes, toBase64 } from '../base/bytes.js';
import { OnionferryError } from '../base/errors.js';
import { createIdentity, type Identity, SEED_BYTES } from './identity.js';

/** A PEM key has about 120 characters; this leaves room for odd line breaks. */
const PEM_MAX_CHARACTERS = 4096;

// DER of the ed25519 object identifier, 1.3.101.112.
const ED25519_OID = [0x06, 0x03, 0x2b, 0x65, 0x70] as const;

/**
 * OneAsymmetricKey (RFC 5958, RFC 8410, section 7) up to the seed. DER allows only one encoding, so
 * keys are compared with it instead of being parsed.
 */
const VERSION_1 = Uint8Array.of(
  ...[0x30, 0x2e], // SEQUENCE
  ...[0x02, 0x01, 0x00], // version 1
  ...[0x30, 0x05, ...ED25519_OID],
  ...[0x04, 0x22, 0x04, SEED_BYTES], // the seed, an OCTET STRING in an OCTET STRING
);
const VERSION_2 = Uint8Array.of(
  ...[0x30, 0x51],
  ...[0x02, 0x01, 0x01],
  ...[0x30, 0x05, ...ED25519_OID],
  ...[0x04, 0x22, 0x04, SEED_BYTES],
);
/** Between seed and public key in version 2: [1] IMPLICIT BIT STRING without unused bits. */
const VERSION_2_PUBLIC_KEY = Uint8Array.of(0x81, 0x21, 0x00);

/** The identity as PKCS#8 version 1 in PEM, as `openssl pkey` reads it. */
export function encodeIdentityPem(identity: Identity): string {
  const der = concat(VERSION_1, identity.seed);
  const base64 = toBase64(der);
  der.fill(0);
  return `-----BEGIN PRIVATE KEY-----\n${base64}\n-----END PRIVATE KEY-----\n`;
}

/**
 * Reads PKCS#8 version 1, and version 2 if its public key belongs to its private key.
 *
 * @throws OnionferryError ERR_KEY with the reason
 */
export function decodeIdentityPem(pem: string): Identity {
  const der = decodePem(pem);
  const seed = der.slice(VERSION_1.length, VERSION_1.length + SEED_BYTES);
  try {
    if (seed.length !== SEED_BYTES) throw bad(unknownForm(der));
    if (equalBytes(der, concat(VERSION_1, seed))) return createIdentity(seed);
    const publicKey = der.subarray(-32);
    if (!equalBytes(der, concat(VERSION_2, seed, VERSION_2_PUBLIC_KEY, publicKey))) {
      throw bad(unknownForm(der));
    }
    const identity = createIdentity(seed);
    if (!equalBytes(identity.publicKey, publicKey)) {
      throw bad('its public key does not match its private key');
    }
    return identity;
  } finally {
    seed.fill(0);
    der.fill(0);
  }
}

function decodePem(pem: string): Bytes {
  if (pem.length > PEM_MAX_CHARACTERS) throw bad('it is too long for a key');
  if (pem.trim() === '') throw bad('it is empty');
  const block = /^\s*-----BEGIN ([A-Z0-9 ]{1,40})-----([A-Za-z0-9+/=\s]*)-----END \1-----\s*$/.exec(
    pem,
  );
  const label = block?.[1] ?? /-----BEGIN ([A-Z0-9 ]{1,40})-----/.exec(pem)?.[1];
  switch (label) {
    case undefined:
      throw bad('it is not PEM, which begins with -----BEGIN PRIVATE KEY-----');
    case 'PRIVATE KEY':
      break;
    case 'ENCRYPTED PRIVATE KEY':
      throw bad('it is encrypted; decrypt it first, for example with openssl pkey');
    case 'PUBLIC KEY':
      throw bad('it is a public key; the private key is needed');
    default:
      throw bad(`it is a ${label}, not a PRIVATE KEY (PKCS#8)`);
  }
  if (block?.[2] === undefined) throw bad('it is cut off, or holds more than one key');
  try {
    return Uint8Array.from(atob(block[2]), (character) => character.charCodeAt(0));
  } catch {
    throw bad('its base64 is damaged');
  }
}

function unknownForm(der: Bytes): string {
  const isEd25519 = der.some((_, at) =>
    equalBytes(der.subarray(at, at + 5), Uint8Array.of(...ED25519_OID)),
  );
  return isEd25519
    ? 'it is an Ed25519 key, but damaged or with unknown additions'
    : 'it is not an Ed25519 key, the only kind onion addresses use';
}

function bad(reason: string): OnionferryError {
  return new OnionferryError('ERR_KEY', `the onion key cannot be used: ${reason}`);
}
