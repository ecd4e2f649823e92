import { type WeierstrassPointCons, weierstrass } from '@noble/curves/abstract/weierstrass.js';
import { ed25519 } from '@noble/curves/ed25519.js';
import { p256, p384, p521 } from '@noble/curves/nist.js';
import { sha256, sha512 } from '@noble/hashes/sha2.js';
import type { CHash } from '@noble/hashes/utils.js';
import type { CurveName } from './curve-name.js';
import { createSuite, type Suite } from './suite.js';

/*
 * M and N of the NIST curves and of edwards25519 are those of RFC 9382, section 6.
 */

const SUITES: Readonly<Record<CurveName, () => Suite>> = {
  p256: () =>
    weierstrassSuite(p256.Point, sha256, {
      m: '02886e2f97ace46e55ba9dd7242579f2993b64e16ef3dcab95afd497333d8fa12f',
      n: '03d8bbd6c639c62937b04d997f38c3770719c629d7014d49a24b4f98baa1292b49',
    }),
  p384: () =>
    weierstrassSuite(p384.Point, sha512, {
      m: '030ff0895ae5ebf6187080a82d82b42e2765e3b2f8749c7e05eba366434b363d3dc36f15314739074d2eb8613fceec2853',
      n: '02c72cf2e390853a1c1c4ad816a62fd15824f56078918f43f922ca21518f9c543bb252c5490214cf9aa3f0baab4b665c10',
    }),
  p521: () =>
    weierstrassSuite(p521.Point, sha512, {
      m: '02003f06f38131b2ba2600791e82488e8d20ab889af753a41806c5db18d37d85608cfae06b82e4a72cd744c719193562a653ea1f119eef9356907edc9b56979962d7aa',
      n: '0200c7924b9ec017f3094562894336a53c50167ba8c5963876880542bc669e494b2532d76c5b53dfb349fdf69154b9e0048c58a42e8ed04cef052a3bc349d95575cd25',
    }),
  // Some public code has another M (ending in a37004d5), which has a torsion component.
  ed25519: () =>
    createSuite({
      point: ed25519.Point,
      hash: sha256,
      m: 'd048032c6ea0b6d697ddc2e86bda85a33adac920f1bf18e1b0c6d166a5cecdaf',
      n: 'd3bfb518f44f3430f29d0c92af503865a1ed3281dc69b35dd868ba85f886c4ab',
      shareBytes: ed25519.Point.Fp.BYTES,
      encode: (point) => new Uint8Array(point.toBytes()),
    }),
  // No RFC gives M and N. They are derived as in RFC 9382, appendix A: SHA-256 iterated over a seed
  // yields candidate points, and the first one on the curve is taken. The seeds are "SIEC255 point
  // generation seed (M)" and "SIEC255 point generation seed (N)"; a test derives both again.
  siec: () =>
    weierstrassSuite(siec255(), sha256, {
      m: '023ae51a0233b24f690046544b0d8651bcfe3d64b370d51790e294c287b92f0362',
      n: '031e9810fed525805e38ce717a99b5669df694a75593e4e937fc9f11c1ee673fb4',
    }),
};

const made = new Map<CurveName, Suite>();

/** Made when first needed: few processes use more than one curve, and decoding M and N takes time. */
export function suiteOf(curve: CurveName): Suite {
  const suite = made.get(curve) ?? SUITES[curve]();
  made.set(curve, suite);
  return suite;
}

/** Shares are SEC 1 uncompressed. */
function weierstrassSuite(
  point: WeierstrassPointCons<bigint>,
  hash: CHash,
  constants: { readonly m: string; readonly n: string },
): Suite {
  return createSuite({
    ...{ point, hash, ...constants },
    shareBytes: 1 + 2 * point.Fp.BYTES,
    encode: (value) => value.toBytes(false),
  });
}

/**
 * SIEC255, a super-isolated elliptic curve: y² = x³ + 19 over a field of 255 bits, of prime order
 * (https://github.com/tscholl2/siec).
 */
function siec255(): WeierstrassPointCons<bigint> {
  return weierstrass({
    p: 28948022309329048855892746252183396360603931420023084536990047309120118726721n,
    n: 28948022309329048855892746252183396360263649053102146073526672701688283398081n,
    h: 1n,
    a: 0n,
    b: 19n,
    Gx: 5n,
    Gy: 12n,
  });
}
