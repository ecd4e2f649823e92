import { createECDH, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { CURVE_NAMES, DEFAULT_CURVE, isCurveName } from '../../../src/pake/curves/curve-name.js';
import { suiteOf } from '../../../src/pake/curves/suites.js';
import { findConstant, multiply, naiveCurves, negate } from './naive-curves.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const scalarBelow = (order: bigint): bigint =>
  (BigInt(`0x${randomBytes(80).toString('hex')}`) % (order - 1n)) + 1n;

describe.each(CURVE_NAMES)('the suite of %s', (name) => {
  const suite = suiteOf(name);
  const curve = naiveCurves[name];
  const M = curve.decode(findConstant(curve, 'M'));
  const N = curve.decode(findConstant(curve, 'N'));

  it('has a base point of the order that it names', () => {
    expect(suite.order).toBe(curve.order);
    expect(multiply(curve, curve.base, curve.order)).toBeUndefined();
    expect(hex(suite.share('sender', 1n, 0n))).toBe(hex(curve.encode(curve.base)));
  });

  it("has the M and N that RFC 9382's method finds", () => {
    // Shares of scalar 1 and password 1 are G + M and G + N.
    expect(hex(suite.share('sender', 1n, 1n))).toBe(hex(curve.encode(curve.add(curve.base, M))));
    expect(hex(suite.share('recipient', 1n, 1n))).toBe(hex(curve.encode(curve.add(curve.base, N))));
  });

  it('computes pA, pB and K as plain affine arithmetic does', () => {
    const [x, y, w] = [
      scalarBelow(suite.order),
      scalarBelow(suite.order),
      scalarBelow(suite.order),
    ];
    const pA = curve.add(multiply(curve, curve.base, x), multiply(curve, M, w));
    const pB = curve.add(multiply(curve, curve.base, y), multiply(curve, N, w));
    // RFC 9382, section 3.3: K = h·x·(pB − w·N) = h·y·(pA − w·M)
    const unmasked = curve.add(pB, negate(curve, multiply(curve, N, w)));
    const K = multiply(curve, unmasked, x * curve.cofactor);
    expect(K).toEqual(multiply(curve, curve.base, x * y * curve.cofactor));

    expect(hex(suite.share('sender', x, w))).toBe(hex(curve.encode(pA)));
    expect(hex(suite.share('recipient', y, w))).toBe(hex(curve.encode(pB)));
    expect(hex(suite.agree('sender', x, w, curve.encode(pB)))).toBe(hex(curve.encode(K)));
    expect(hex(suite.agree('recipient', y, w, curve.encode(pA)))).toBe(hex(curve.encode(K)));
  });

  it('hashes with SHA-512 where the group is larger than 256 bits, else with SHA-256', () => {
    expect(suite.hash.outputLen).toBe(name === 'p384' || name === 'p521' ? 64 : 32);
  });
});

// What facts are written down elsewhere, so that no mistake is shared with the plain curves above.
describe('the constants', () => {
  it.each([
    ['p256', 'M', '02886e2f97ace46e55ba9dd7242579f2993b64e16ef3dcab95afd497333d8fa12f'],
    ['p256', 'N', '03d8bbd6c639c62937b04d997f38c3770719c629d7014d49a24b4f98baa1292b49'],
    [
      'p384',
      'M',
      '030ff0895ae5ebf6187080a82d82b42e2765e3b2f8749c7e05eba366434b363d3dc36f15314739074d2eb8613fceec2853',
    ],
    [
      'p384',
      'N',
      '02c72cf2e390853a1c1c4ad816a62fd15824f56078918f43f922ca21518f9c543bb252c5490214cf9aa3f0baab4b665c10',
    ],
    [
      'p521',
      'M',
      '02003f06f38131b2ba2600791e82488e8d20ab889af753a41806c5db18d37d85608cfae06b82e4a72cd744c719193562a653ea1f119eef9356907edc9b56979962d7aa',
    ],
    [
      'p521',
      'N',
      '0200c7924b9ec017f3094562894336a53c50167ba8c5963876880542bc669e494b2532d76c5b53dfb349fdf69154b9e0048c58a42e8ed04cef052a3bc349d95575cd25',
    ],
    ['ed25519', 'M', 'd048032c6ea0b6d697ddc2e86bda85a33adac920f1bf18e1b0c6d166a5cecdaf'],
    ['ed25519', 'N', 'd3bfb518f44f3430f29d0c92af503865a1ed3281dc69b35dd868ba85f886c4ab'],
    ['siec', 'M', '023ae51a0233b24f690046544b0d8651bcfe3d64b370d51790e294c287b92f0362'],
    ['siec', 'N', '031e9810fed525805e38ce717a99b5669df694a75593e4e937fc9f11c1ee673fb4'],
  ] as const)('are found again from their seeds: %s %s', (name, which, constant) => {
    expect(hex(findConstant(naiveCurves[name], which))).toBe(constant);
  });

  it.each([
    ['p256', 'prime256v1', 32],
    ['p384', 'secp384r1', 48],
    ['p521', 'secp521r1', 66],
  ] as const)('of %s fit to what OpenSSL computes on %s', (name, openSslName, length) => {
    const suite = suiteOf(name);
    const x = scalarBelow(suite.order);
    const ours = createECDH(openSslName);
    ours.setPrivateKey(Buffer.from(x.toString(16).padStart(2 * length, '0'), 'hex'));
    expect(hex(suite.share('sender', x, 0n))).toBe(ours.getPublicKey('hex'));

    const theirs = createECDH(openSslName);
    const share = theirs.generateKeys();
    const K = suite.agree('sender', x, 0n, share);
    expect(hex(K.subarray(1, 1 + length))).toBe(hex(ours.computeSecret(share)));
  });
});

describe('SIEC255', () => {
  const { p, order } = naiveCurves.siec;

  it('has the known multiple of its base point', () => {
    const [x, y] = [
      20229788123255377252117609246816679794288126641783108573469038758141726144217n,
      24954944596292334650496455898477874666706713116404087873386411796931353338967n,
    ];
    expect(hex(suiteOf('siec').share('sender', 0x010203n, 0n))).toBe(
      `04${x.toString(16).padStart(64, '0')}${y.toString(16).padStart(64, '0')}`,
    );
  });

  it('has a prime field and a prime order within the bound of Hasse', () => {
    for (const n of [p, order])
      for (const base of [2n, 3n, 5n, 7n, 11n]) expect(isWitnessed(base, n)).toBe(false);
    expect((p + 1n - order) ** 2n <= 4n * p).toBe(true);
  });

  it('is neither anomalous nor of small embedding degree', () => {
    expect(order).not.toBe(p);
    let power = 1n;
    for (let k = 1; k <= 1000; k++) {
      power = (power * p) % order;
      expect(power).not.toBe(1n);
    }
  });
});

/** Whether `base` proves by Miller and Rabin's test that `n` is composite. */
function isWitnessed(base: bigint, n: bigint): boolean {
  let odd = n - 1n;
  let twos = 0;
  while ((odd & 1n) === 0n) [odd, twos] = [odd >> 1n, twos + 1];
  let value = 1n;
  for (let b = base, e = odd; e > 0n; e >>= 1n, b = (b * b) % n)
    if (e & 1n) value = (value * b) % n;
  if (value === 1n) return false;
  for (let i = 0; i < twos; i++, value = (value * value) % n) if (value === n - 1n) return false;
  return true;
}

describe('isCurveName', () => {
  it('knows the five names and nothing else', () => {
    expect(CURVE_NAMES.every(isCurveName)).toBe(true);
    expect(['', 'P256', 'p256 ', 'secp256k1', 'constructor', '__proto__'].some(isCurveName)).toBe(
      false,
    );
    expect(DEFAULT_CURVE).toBe('p256');
  });
});
