import { constants, createHash, createPublicKey, publicDecrypt } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { makeAuthorityKeys, makeRelayKeys } from '../../src/private-network/keys.js';

const now = new Date('2026-11-20T17:00:00Z');

/** The item of a directory document that begins with `keyword`, decoded. */
function object(document: string, keyword: string): Buffer {
  const text = new RegExp(`^${keyword}\n-----BEGIN [A-Z ]+-----\n([^-]+)`, 'm').exec(document)?.[1];
  return Buffer.from(text ?? '', 'base64');
}

function sha1(bytes: Uint8Array): Buffer {
  return createHash('sha1').update(bytes).digest();
}

/** Takes the PKCS#1 v1.5 padding off, as RSA_public_decrypt does in tor. */
function recovered(key: Buffer, signature: Buffer): Buffer {
  const publicKey = createPublicKey({ key, type: 'pkcs1', format: 'der' });
  return publicDecrypt({ key: publicKey, padding: constants.RSA_PKCS1_PADDING }, signature);
}

describe("a directory authority's key certificate (dir-spec, creating key certificates)", () => {
  test('has its items in order and is signed by the identity over the bare digest', async () => {
    const keys = await makeAuthorityKeys({ host: '127.0.0.1', port: 7000 }, now);
    const certificate = keys.files['authority_certificate'] ?? '';
    expect(certificate.match(/^dir-[a-z-]+|^fingerprint/gm)).toEqual([
      'dir-key-certificate-version',
      'dir-address',
      'fingerprint',
      'dir-key-published',
      'dir-key-expires',
      'dir-identity-key',
      'dir-signing-key',
      'dir-key-crosscert',
      'dir-key-certification',
    ]);
    expect(certificate).toContain('dir-address 127.0.0.1:7000\n');
    expect(certificate).toContain('dir-key-published 2026-11-20 17:00:00\n');
    const identity = object(certificate, 'dir-identity-key');
    const signing = object(certificate, 'dir-signing-key');
    expect(sha1(identity).toString('hex').toUpperCase()).toBe(keys.v3Identity);
    expect(certificate).toContain(`fingerprint ${keys.v3Identity}\n`);
    const crossCertificate = object(certificate, 'dir-key-crosscert');
    expect(recovered(signing, crossCertificate)).toEqual(sha1(identity));
    const signed = certificate.slice(0, certificate.indexOf('-----BEGIN SIGNATURE-----'));
    const certification = object(certificate, 'dir-key-certification');
    expect(recovered(identity, certification)).toEqual(sha1(Buffer.from(signed)));
    expect(createPublicKey(keys.files['authority_signing_key'] ?? '')).toEqual(
      createPublicKey({ key: signing, type: 'pkcs1', format: 'der' }),
    );
  });

  test('names a relay by the digest of its key', async () => {
    const { fingerprint, files } = await makeRelayKeys();
    const key = createPublicKey(files['secret_id_key'] ?? '');
    const digest = sha1(key.export({ type: 'pkcs1', format: 'der' }));
    expect(fingerprint).toBe(digest.toString('hex').toUpperCase());
  });
});
