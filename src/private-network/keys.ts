import {
  constants,
  createHash,
  generateKeyPair,
  type KeyObject,
  privateEncrypt,
} from 'node:crypto';
import { promisify } from 'node:util';

const generate = promisify(generateKeyPair);

/**
 * Of tor's own relay identities. tor-gencert makes an authority's keys longer (3072 and 2048 bits),
 * which takes seconds of a core for three; nobody has reason to forge a network of one machine.
 */
const RSA_BITS = 1024;
const LIFETIME_MS = 365 * 24 * 3_600_000;

/** Keys and what names them in a torrc; fingerprints are upper-case hexadecimal SHA-1. */
export interface RelayKeys {
  readonly fingerprint: string;
  /** Contents by name, for the `keys` directory; tor makes what else it needs. */
  readonly files: Readonly<Record<string, string>>;
}

export interface AuthorityKeys {
  /** Of the long-term authority identity, for `DirAuthority … v3ident=`. */
  readonly v3Identity: string;
  readonly files: Readonly<Record<string, string>>;
}

/** Makes a relay's identity in advance: the torrcs of other nodes name it. */
export async function makeRelayKeys(): Promise<RelayKeys> {
  const relay = await generate('rsa', { modulusLength: RSA_BITS });
  return {
    fingerprint: fingerprintOf(relay.publicKey),
    files: { secret_id_key: pemOf(relay.privateKey) },
  };
}

/**
 * Makes a directory authority's keys and its key certificate (dir-spec, "Creating key
 * certificates"), because the Tor Expert Bundle has no tor-gencert.
 */
export async function makeAuthorityKeys(
  address: { readonly host: string; readonly port: number },
  now: Date,
): Promise<AuthorityKeys> {
  const [identity, signing] = await Promise.all([
    generate('rsa', { modulusLength: RSA_BITS }),
    generate('rsa', { modulusLength: RSA_BITS }),
  ]);
  return {
    v3Identity: fingerprintOf(identity.publicKey),
    files: {
      authority_certificate: certificate(identity, signing, address, now),
      authority_signing_key: pemOf(signing.privateKey),
    },
  };
}

interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

function certificate(
  identity: KeyPair,
  signing: KeyPair,
  address: { readonly host: string; readonly port: number },
  now: Date,
): string {
  const crossCertificate = sign(signing.privateKey, digest(derOf(identity.publicKey)));
  const signed =
    'dir-key-certificate-version 3\n' +
    `dir-address ${address.host}:${address.port}\n` +
    `fingerprint ${fingerprintOf(identity.publicKey)}\n` +
    `dir-key-published ${timestamp(now)}\n` +
    `dir-key-expires ${timestamp(new Date(now.getTime() + LIFETIME_MS))}\n` +
    `dir-identity-key\n${pemOf(identity.publicKey)}` +
    `dir-signing-key\n${pemOf(signing.publicKey)}` +
    `dir-key-crosscert\n${pem('ID SIGNATURE', crossCertificate)}` +
    'dir-key-certification\n';
  return signed + pem('SIGNATURE', sign(identity.privateKey, digest(Buffer.from(signed))));
}

/**
 * dir-spec signs the bare digest: PKCS#1 v1.5 padding around 20 bytes, without the DigestInfo that
 * crypto.sign would put there.
 */
function sign(key: KeyObject, sha1: Uint8Array): Buffer {
  return privateEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, sha1);
}

function digest(bytes: Uint8Array): Buffer {
  return createHash('sha1').update(bytes).digest();
}

function fingerprintOf(key: KeyObject): string {
  return digest(derOf(key)).toString('hex').toUpperCase();
}

function derOf(key: KeyObject): Buffer {
  return key.export({ type: 'pkcs1', format: 'der' });
}

function pemOf(key: KeyObject): string {
  return key.export({ type: 'pkcs1', format: 'pem' }).toString();
}

function pem(label: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').replace(/.{64}(?=.)/g, '$&\n');
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}

/** `YYYY-MM-DD HH:MM:SS` in UTC. */
export function timestamp(date: Date): string {
  return date.toISOString().slice(0, 19).replace('T', ' ');
}
