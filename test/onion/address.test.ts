import { createHash } from 'node:crypto';
import { ed25519 } from '@noble/curves/ed25519.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { onionAddressOf, parseOnionAddress } from '../../src/onion/address.js';
import { fromBase32, toBase32 } from '../../src/onion/base32.js';
import { failureOf } from '../base/failure.js';
import vectors from '../vectors/onion-v3.json' with { type: 'json' };

const ADDRESS = vectors.wellKnown[0] ?? '';
const HOST = ADDRESS.slice(0, 56);

/** rend-spec-v3, section 6, with a checksum that is right for whatever the key is. */
function addressWith(publicKey: Uint8Array, version = 3): string {
  const checksum = createHash('sha3-256')
    .update('.onion checksum')
    .update(publicKey)
    .update(Uint8Array.of(version))
    .digest();
  return `${toBase32(Uint8Array.of(...publicKey, ...checksum.subarray(0, 2), version))}.onion`;
}

// An ed25519 point of order 8.
const ORDER_8 = ed25519.Point.fromHex(
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
);

describe('parseOnionAddress', () => {
  it.each([
    ...vectors.wellKnown,
    ...vectors.identities.map(({ address }) => address),
  ])('reads %s', (address) => {
    expect(parseOnionAddress(address)).toBe(address);
  });

  it.each([
    HOST,
    ADDRESS.toUpperCase(),
    `http://${ADDRESS}`,
    `http://${ADDRESS}/`,
    `HTTPS://${ADDRESS.toUpperCase()}/`,
    `${HOST}/`,
    `  ${ADDRESS}\r\n`,
  ])('reads what people paste: %j', (text) => {
    expect(parseOnionAddress(text)).toBe(ADDRESS);
  });

  it.each([
    ['nothing', ''],
    ['one character too few', ADDRESS.slice(1)],
    ['one character too many', `a${ADDRESS}`],
    ['characters outside base32', `${HOST.slice(0, 55)}1.onion`],
    ['a letter that only lower case makes ASCII', ADDRESS.replace('k', '\u212a')],
    ['another top domain', `${HOST}.com`],
    ['a subdomain', `www.${ADDRESS}`],
    ['a port', `http://${ADDRESS}:80/`],
    ['a user', `http://user:secret@${ADDRESS}/`],
    ['a path', `http://${ADDRESS}/file`],
    ['a fragment', `http://${ADDRESS}/#word`],
    ['padding', `${HOST}======.onion`],
    ['an address of version 2', 'expyuzz4wqqyqhjn.onion'],
    ['endless white space', `${ADDRESS}${' '.repeat(10_000)}`],
  ])('refuses %s', (_, text) => {
    expect(failureOf(() => parseOnionAddress(text))).toMatchObject({
      code: 'ERR_ONION_ADDRESS',
      message:
        'the onion address is not valid: it should be 56 letters and digits 2 to 7, then .onion',
    });
  });

  it('notices every single changed character', () => {
    fc.assert(
      fc.property(fc.nat(55), fc.nat(31), (at, value) => {
        const character = toBase32(Uint8Array.of(value << 3)).charAt(0);
        fc.pre(character !== HOST.charAt(at));
        const changed = HOST.slice(0, at) + character + HOST.slice(at + 1);
        expect(failureOf(() => parseOnionAddress(changed)).code).toBe('ERR_ONION_ADDRESS');
      }),
      // Two bytes of checksum let one change in 65,536 pass, so the cases are always the same.
      { seed: 1, numRuns: 300 },
    );
  });

  it('says so when the checksum is wrong', () => {
    expect(failureOf(() => parseOnionAddress(ADDRESS.replace('duck', 'buck'))).message).toContain(
      'checksum',
    );
  });

  it('refuses another version although its checksum is right', () => {
    const publicKey = fromBase32(HOST)?.subarray(0, 32) ?? new Uint8Array();
    expect(addressWith(publicKey)).toBe(ADDRESS);
    expect(failureOf(() => parseOnionAddress(addressWith(publicKey, 4))).message).toContain(
      'version 3',
    );
  });

  it.each([1, 2, 3, 4, 5, 6, 7])('refuses a key with torsion: the service plus %i·T8', (times) => {
    const service = ed25519.Point.fromBytes(fromBase32(HOST)?.subarray(0, 32) ?? new Uint8Array());
    const twin = service.add(ORDER_8.multiplyUnsafe(BigInt(times))).toBytes();
    // What would make the two one service: the blinding of keys clears the cofactor.
    expect(ed25519.Point.fromBytes(twin).clearCofactor().equals(service.clearCofactor())).toBe(
      true,
    );
    expect(failureOf(() => parseOnionAddress(addressWith(twin))).message).toContain('no onion');
  });

  it.each([
    ['the identity', '0100000000000000000000000000000000000000000000000000000000000000'],
    ['a point of order 2', 'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f'],
    ['a point of order 8', 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a'],
    ['a y beyond the field', 'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f'],
    ['a negative zero x', '0100000000000000000000000000000000000000000000000000000000000080'],
    ['no point at all', '0200000000000000000000000000000000000000000000000000000000000000'],
  ])('refuses a key that is %s', (_, hex) => {
    const publicKey = Uint8Array.from(Buffer.from(hex, 'hex'));
    expect(failureOf(() => parseOnionAddress(addressWith(publicKey))).code).toBe(
      'ERR_ONION_ADDRESS',
    );
    expect(failureOf(() => onionAddressOf(publicKey)).code).toBe('ERR_ONION_ADDRESS');
  });

  it('fails on hostile text with its own error alone', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        expect(failureOf(() => parseOnionAddress(text)).code).toBe('ERR_ONION_ADDRESS');
      }),
    );
  });
});

describe('onionAddressOf', () => {
  it.each(vectors.identities)('gives $address', ({ publicKey, address }) => {
    expect(onionAddressOf(Uint8Array.from(Buffer.from(publicKey, 'hex')))).toBe(address);
  });

  it.each([0, 31, 33])('refuses a key of %i bytes', (length) => {
    expect(failureOf(() => onionAddressOf(new Uint8Array(length))).code).toBe('ERR_ONION_ADDRESS');
  });
});
