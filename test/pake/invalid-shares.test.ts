import { ed25519 } from '@noble/curves/ed25519.js';
import { describe, expect, it } from 'vitest';
import { CURVE_NAMES, type CurveName } from '../../src/pake/curves/curve-name.js';
import type { PakeRole } from '../../src/pake/curves/suite.js';
import { suiteOf } from '../../src/pake/curves/suites.js';
import { answerExchange, startExchange } from '../../src/pake/exchange.js';
import { failureOf } from '../base/failure.js';
import { findConstant, multiply, naiveCurves } from './curves/naive-curves.js';
import { contextOn, secretOf } from './pake-context.js';

const ROLES = ['sender', 'recipient'] as const;
const WEIERSTRASS = ['p256', 'p384', 'p521', 'siec'] as const;

/** What a side of this role makes of `share` as the other's. */
function failureWith(curve: CurveName, role: PakeRole, share: Uint8Array): unknown {
  const { code, message, cause } = failureOf(() => {
    if (role === 'sender') startExchange(secretOf(7n), contextOn(curve)).finish(share);
    else answerExchange(secretOf(7n), contextOn(curve), share);
  });
  return { code, message, cause };
}

/** One and the same for all shares, curves and roles. */
const REFUSED = {
  code: 'ERR_PAKE',
  message: 'the other side sent an invalid key share, so this attempt has ended',
  cause: undefined,
};

const validShare = (curve: CurveName): Buffer =>
  Buffer.from(suiteOf(curve).share('sender', 5n, 7n));

describe.each(CURVE_NAMES)('on %s', (name) => {
  const curve = naiveCurves[name];

  describe.each(ROLES)('the %s', (role) => {
    it('takes a valid share, so that the refusals below mean something', () => {
      expect(() => failureWith(name, role, validShare(name))).toThrow('did not throw');
    });

    it('refuses a share that makes K the identity: w·N or w·M', () => {
      const mask = curve.decode(findConstant(curve, role === 'sender' ? 'N' : 'M'));
      const share = curve.encode(multiply(curve, mask, 7n));
      expect(failureWith(name, role, share)).toEqual(REFUSED);
      // With one more it is an ordinary share of somebody who guessed wrong.
      const other = curve.encode(multiply(curve, mask, 8n));
      expect(() => failureWith(name, role, other)).toThrow('did not throw');
    });

    it('refuses wrong lengths', () => {
      const share = validShare(name);
      const half = Math.ceil(share.length / 2);
      for (const length of [0, 1, half - 1, half, share.length - 1, share.length + 1]) {
        const wrong = Buffer.concat([share, Buffer.alloc(1)]).subarray(0, length);
        expect(failureWith(name, role, wrong)).toEqual(REFUSED);
      }
      expect(failureWith(name, role, Buffer.alloc(100_000, 4))).toEqual(REFUSED);
    });

    it('refuses nothing but zeros, and nothing but ones', () => {
      const { length } = validShare(name);
      // All zeros are a point of order 4 on edwards25519.
      expect(failureWith(name, role, Buffer.alloc(length))).toEqual(REFUSED);
      expect(failureWith(name, role, Buffer.alloc(length, 0xff))).toEqual(REFUSED);
    });
  });
});

describe.each(WEIERSTRASS)('on %s', (name) => {
  const { p } = naiveCurves[name];
  const share = validShare(name);
  const size = (share.length - 1) / 2;
  const x = share.subarray(1, 1 + size);
  const y = share.subarray(1 + size);
  const bytesOf = (n: bigint): Buffer => Buffer.from(n.toString(16).padStart(2 * size, '0'), 'hex');
  const numberOf = (bytes: Buffer): bigint => BigInt(`0x${bytes.toString('hex')}`);
  const parity = (y.at(-1) ?? 0) & 1;

  it.each([
    ['the identity of SEC 1', Buffer.of(0)],
    ['the identity, padded', Buffer.alloc(share.length)],
    ['the compressed form', Buffer.concat([Buffer.of(2 | parity), x])],
    ['the compressed form, padded', Buffer.concat([Buffer.of(2 | parity), x, y])],
    ['the hybrid form', Buffer.concat([Buffer.of(6 | parity), x, y])],
    ['the hybrid form of the other parity', Buffer.concat([Buffer.of(7 - parity), x, y])],
    ['an unknown form', Buffer.concat([Buffer.of(5), x, y])],
    ['a form without its first byte', Buffer.concat([x, y])],
    ['a point off the curve', Buffer.concat([Buffer.of(4), x, bytesOf(numberOf(y) ^ 1n)])],
    ['swapped coordinates', Buffer.concat([Buffer.of(4), y, x])],
    ['the point (0, 0)', Buffer.concat([Buffer.of(4), Buffer.alloc(2 * size)])],
  ])('refuses %s', (_, bytes) => {
    for (const role of ROLES) expect(failureWith(name, role, bytes)).toEqual(REFUSED);
  });

  it('refuses coordinates that are not reduced', () => {
    // p − 1 and so on may not fit when raised by p; small ones always do where p leaves room.
    const limit = 256n ** BigInt(size);
    for (const [a, b] of [
      [numberOf(x) + p, numberOf(y)],
      [numberOf(x), numberOf(y) + p],
      [p, 1n],
    ] as const) {
      if (a >= limit || b >= limit) continue;
      const bytes = Buffer.concat([Buffer.of(4), bytesOf(a), bytesOf(b)]);
      for (const role of ROLES) expect(failureWith(name, role, bytes)).toEqual(REFUSED);
    }
  });
});

describe('on ed25519', () => {
  const { Point } = ed25519;
  const torsion = Point.fromHex('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a');
  const share = Point.fromBytes(validShare('ed25519'));

  it.each([0, 1, 2, 3, 4, 5, 6, 7])('refuses the point of small order %i·T8', (times) => {
    const point = torsion.multiplyUnsafe(BigInt(times));
    expect(point.isSmallOrder()).toBe(true);
    for (const role of ROLES) {
      expect(failureWith('ed25519', role, point.toBytes())).toEqual(REFUSED);
    }
  });

  it.each([1, 2, 3, 4, 5, 6, 7])('refuses a valid share plus %i·T8', (times) => {
    const twisted = share.add(torsion.multiplyUnsafe(BigInt(times))).toBytes();
    for (const role of ROLES) expect(failureWith('ed25519', role, twisted)).toEqual(REFUSED);
  });

  it('refuses w·N plus a point of small order, which clearing the cofactor makes the identity', () => {
    const curve = naiveCurves.ed25519;
    const N = curve.decode(findConstant(curve, 'N'));
    const wN = Point.fromBytes(curve.encode(multiply(curve, N, 7n)));
    expect(failureWith('ed25519', 'sender', wN.add(torsion).toBytes())).toEqual(REFUSED);
  });

  it('refuses every y that is not reduced, with either sign', () => {
    const p = 2n ** 255n - 19n;
    for (let y = p; y < 2n ** 255n; y++) {
      for (const sign of [0n, 1n]) {
        const hex = (y | (sign << 255n)).toString(16).padStart(64, '0');
        const bytes = Buffer.from(hex, 'hex').reverse();
        for (const role of ROLES) expect(failureWith('ed25519', role, bytes)).toEqual(REFUSED);
      }
    }
  });

  it('refuses the second encoding of points with x = 0', () => {
    for (const hex of [`01${'00'.repeat(30)}80`, `ec${'ff'.repeat(31)}`]) {
      const bytes = Buffer.from(hex, 'hex');
      for (const role of ROLES) expect(failureWith('ed25519', role, bytes)).toEqual(REFUSED);
    }
  });

  it('refuses a y that no point has', () => {
    const bytes = Buffer.alloc(32).fill(2, 0, 1);
    expect(() => Point.fromBytes(bytes)).toThrow('invalid y');
    for (const role of ROLES) expect(failureWith('ed25519', role, bytes)).toEqual(REFUSED);
  });

  it('refuses the uncompressed forms', () => {
    const { x, y } = share.toAffine();
    const both = Buffer.from(
      [x, y].map((value) => value.toString(16).padStart(64, '0')).join(''),
      'hex',
    );
    for (const bytes of [both, Buffer.concat([Buffer.of(4), both])]) {
      for (const role of ROLES) expect(failureWith('ed25519', role, bytes)).toEqual(REFUSED);
    }
  });
});
