import { createHash, createHmac, hkdfSync } from 'node:crypto';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { CURVE_NAMES } from '../../src/pake/curves/curve-name.js';
import { suiteOf } from '../../src/pake/curves/suites.js';
import { randomScalar, spake2Finish, spake2Share } from '../../src/pake/spake2.js';
import rfc from '../vectors/spake2-p256-rfc9382.json' with { type: 'json' };

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const scalar = (text: string): bigint => BigInt(`0x${text}`);

describe('RFC 9382, appendix B: SPAKE2-P256-SHA256-HKDF-HMAC', () => {
  const suite = suiteOf('p256');

  it.each(rfc.vectors)('A = "$idA", B = "$idB"', (vector) => {
    const common = {
      idA: Buffer.from(vector.idA),
      idB: Buffer.from(vector.idB),
      w: scalar(vector.w),
    };
    const a = { ...common, role: 'sender', scalar: scalar(vector.x) } as const;
    const b = { ...common, role: 'recipient', scalar: scalar(vector.y) } as const;
    const pA = spake2Share(suite, a);
    const pB = spake2Share(suite, b);
    expect({ pA: hex(pA), pB: hex(pB) }).toEqual({ pA: vector.pA, pB: vector.pB });

    const ofA = spake2Finish(suite, a, pA, pB);
    const ofB = spake2Finish(suite, b, pB, pA);
    expect(ofA).toEqual(ofB);

    // The vectors name K only through Ke, so the transcript is put together again here.
    const { sharedPoint: K, transcript: TT } = ofA;
    const fields = [common.idA, common.idB, pA, pB, K, Buffer.from(vector.w, 'hex')];
    expect(hex(TT)).toBe(
      fields
        .map((field) => {
          const length = Buffer.alloc(8);
          length.writeBigUInt64LE(BigInt(field.length));
          return hex(length) + hex(field);
        })
        .join(''),
    );

    const hash = createHash('sha256').update(TT).digest();
    const [Ke, Ka] = [hash.subarray(0, 16), hash.subarray(16)];
    const Kc = Buffer.from(hkdfSync('sha256', Ka, '', 'ConfirmationKeys', 32));
    const [KcA, KcB] = [Kc.subarray(0, 16), Kc.subarray(16)];
    const mac = (key: Buffer): string => createHmac('sha256', key).update(TT).digest('hex');
    expect({
      Ke: hex(Ke),
      Ka: hex(Ka),
      KcA: hex(KcA),
      KcB: hex(KcB),
      cA: mac(KcA),
      cB: mac(KcB),
    }).toEqual({
      Ke: vector.Ke,
      Ka: vector.Ka,
      KcA: vector.KcA,
      KcB: vector.KcB,
      cA: vector.cA,
      cB: vector.cB,
    });
  });
});

describe.each(CURVE_NAMES)('on %s', (name) => {
  const suite = suiteOf(name);
  const w = 0x0badcafen;
  const ids = { idA: Buffer.from('A'), idB: Buffer.from('B') };

  function run(ofA: object = {}, ofB: object = {}): [Buffer, Buffer] {
    const a = { ...ids, w, role: 'sender' as const, scalar: randomScalar(suite), ...ofA };
    const b = { ...ids, w, role: 'recipient' as const, scalar: randomScalar(suite), ...ofB };
    const [pA, pB] = [spake2Share(suite, a), spake2Share(suite, b)];
    return [
      Buffer.from(spake2Finish(suite, a, pA, pB).transcript),
      Buffer.from(spake2Finish(suite, b, pB, pA).transcript),
    ];
  }

  it('two sides with the same w and the same identities have the same transcript', () => {
    const [a, b] = run();
    expect(a.equals(b)).toBe(true);
  });

  it('the extreme values of w and of the scalars work', () => {
    for (const [x, y, v] of [
      [1n, 1n, 1n],
      [suite.order - 1n, suite.order - 1n, suite.order - 1n],
      [1n, 2n, 0n],
    ] as const) {
      const [a, b] = run({ scalar: x, w: v }, { scalar: y, w: v });
      expect(a.equals(b)).toBe(true);
    }
  });

  it('another w, identity or role makes another transcript', () => {
    for (const other of [
      { w: w + 1n },
      { idA: Buffer.from('X') },
      { idB: Buffer.from('X') },
      { idA: Buffer.from('AB'), idB: Buffer.of() },
      { idA: Buffer.of(), idB: Buffer.from('AB') },
      { role: 'sender' as const },
    ]) {
      const [a, b] = run({}, other);
      expect(a.equals(b)).toBe(false);
    }
  });
});

describe('randomScalar', () => {
  afterEach(() => void vi.restoreAllMocks());

  it.each(CURVE_NAMES)('reduces 1.5 times as many random bits as the order of %s has', (name) => {
    const suite = suiteOf(name);
    for (const fill of [0, 1, 0x80, 0xff]) {
      let drawn = 0n;
      vi.spyOn(crypto, 'getRandomValues').mockImplementation((array) => {
        if (!(array instanceof Uint8Array)) throw new TypeError('bytes expected');
        drawn = scalar(hex(array.fill(fill)));
        expect(array.length).toBeGreaterThanOrEqual(1.5 * suite.scalarBytes);
        return array;
      });
      const value = randomScalar(suite);
      expect(value).toBe((drawn % (suite.order - 1n)) + 1n);
    }
  });

  it('is never the same twice', () => {
    const suite = suiteOf('p256');
    expect(new Set(Array.from({ length: 50 }, () => randomScalar(suite))).size).toBe(50);
  });
});
