import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createIdentity } from '../../src/onion/identity.js';
import { decodeIdentityPem, encodeIdentityPem } from '../../src/onion/pem.js';
import { failureOf } from '../base/failure.js';
import vectors from '../vectors/onion-v3.json' with { type: 'json' };

const SEED = Buffer.from(vectors.identities[0]?.seed ?? '', 'hex');
const PUBLIC_KEY = Buffer.from(vectors.identities[0]?.publicKey ?? '', 'hex');
const V1 = Buffer.from('302e020100300506032b657004220420', 'hex');
const V2 = Buffer.from('3051020101300506032b657004220420', 'hex');

function pemOf(der: Uint8Array, label = 'PRIVATE KEY'): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}

function version2(publicKey: Uint8Array): Buffer {
  return Buffer.concat([V2, SEED, Buffer.from('812100', 'hex'), publicKey]);
}

describe('encodeIdentityPem', () => {
  it.each(vectors.identities)('writes the PEM of $address byte for byte', ({ seed, pem }) => {
    expect(encodeIdentityPem(createIdentity(Buffer.from(seed, 'hex')))).toBe(pem);
  });

  it('is read by OpenSSL, which finds the same key', () => {
    const identity = createIdentity();
    const key = createPrivateKey(encodeIdentityPem(identity));
    expect(key.asymmetricKeyType).toBe('ed25519');
    expect(createPublicKey(key).export({ format: 'jwk' })).toMatchObject({
      x: Buffer.from(identity.publicKey).toString('base64url'),
    });
  });
});

describe('decodeIdentityPem', () => {
  it('reads what encodeIdentityPem wrote', () => {
    const identity = createIdentity();
    expect(decodeIdentityPem(encodeIdentityPem(identity))).toEqual(identity);
  });

  it('reads what OpenSSL made', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const identity = decodeIdentityPem(
      privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    );
    expect(publicKey.export({ format: 'jwk' })).toMatchObject({
      x: Buffer.from(identity.publicKey).toString('base64url'),
    });
  });

  it('reads the key of RFC 8410, section 10.3', () => {
    const pem = `-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
-----END PRIVATE KEY-----
`;
    expect(Buffer.from(decodeIdentityPem(pem).publicKey).toString('base64')).toBe(
      'Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=',
    );
  });

  it('reads version 2 if the public key belongs to the private key', () => {
    expect(decodeIdentityPem(pemOf(version2(PUBLIC_KEY)))).toEqual(createIdentity(SEED));
  });

  it('reads other line breaks and white space around', () => {
    const pem = pemOf(Buffer.concat([V1, SEED]));
    for (const text of [
      pem.replaceAll('\n', '\r\n'),
      `\n  ${pem}\n\n`,
      pem.replace('MC4C', 'MC\n4C'),
    ]) {
      expect(decodeIdentityPem(text)).toEqual(createIdentity(SEED));
    }
  });

  const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
  const ed25519 = generateKeyPairSync('ed25519');
  const pem = pemOf(Buffer.concat([V1, SEED]));
  it.each([
    ['an empty file', ' \n', 'empty'],
    ['text that is not PEM', 'a poem', 'not PEM'],
    ['a file of zeros', '\0'.repeat(96), 'not PEM'],
    ['a huge file', 'A'.repeat(5000), 'too long'],
    ['a cut file', pem.slice(0, 60), 'cut off'],
    ['two keys', pem + pem, 'more than one'],
    ['text before the key', `note\n${pem}`, 'more than one'],
    ['damaged base64', pem.replace('MC4C', 'M'), 'base64'],
    ['foreign characters in the base64', pem.replace('MC4C', 'MC*C'), 'cut off'],
    ['a shortened seed', pemOf(Buffer.concat([V1, SEED.subarray(1)])), 'damaged'],
    ['bytes after the key', pemOf(Buffer.concat([V1, SEED, Buffer.of(0)])), 'additions'],
    ['a wrong length inside', pemOf(Buffer.concat([V1.with(1, 0x2f), SEED])), 'damaged'],
    ['a wrong version', pemOf(Buffer.concat([V1.with(4, 2), SEED])), 'damaged'],
    ['version 2 without its public key', pemOf(Buffer.concat([V1.with(4, 1), SEED])), 'damaged'],
    ["version 2 with another key's public key", pemOf(version2(Buffer.alloc(32, 7))), 'match'],
    [
      'X25519',
      generateKeyPairSync('x25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
      'not an Ed25519',
    ],
    ['RSA', rsa.export({ format: 'pem', type: 'pkcs8' }).toString(), 'not an Ed25519'],
    ['RSA in PKCS#1', rsa.export({ format: 'pem', type: 'pkcs1' }).toString(), 'RSA PRIVATE KEY'],
    [
      'a public key',
      ed25519.publicKey.export({ format: 'pem', type: 'spki' }).toString(),
      'public key',
    ],
    [
      'an encrypted key',
      ed25519.privateKey
        .export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'x' })
        .toString(),
      'encrypted',
    ],
    ['a key of OpenSSH', pemOf(SEED, 'OPENSSH PRIVATE KEY'), 'OPENSSH PRIVATE KEY'],
    ['an empty block', pemOf(Buffer.alloc(0)), 'not an Ed25519'],
  ])('refuses %s and says why', (_, text, reason) => {
    const failure = failureOf(() => decodeIdentityPem(text));
    expect(failure.code).toBe('ERR_KEY');
    expect(failure.message).toContain(reason);
  });

  it('refuses a key with any single byte of its frame changed, without repeating it', () => {
    for (let at = 0; at < V1.length; at++) {
      const der = Buffer.concat([V1.with(at, (V1[at] ?? 0) ^ 1), SEED]);
      const failure = failureOf(() => decodeIdentityPem(pemOf(der)));
      expect(failure.code).toBe('ERR_KEY');
      expect(failure.cause).toBeUndefined();
      expect(failure.message).not.toContain(SEED.toString('base64').slice(0, 8));
    }
  });
});
