import { weierstrass } from '@noble/curves/abstract/weierstrass.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { createSuite, type Suite } from './suite.js';

/**
 * SIEC255, a super-isolated elliptic curve: y² = x³ + 19 over a field of 255 bits, of prime order
 * (https://github.com/tscholl2/siec).
 *
 * No RFC gives M and N. They are derived as in RFC 9382, appendix A: SHA-256 iterated over a seed
 * yields candidate points, and the first one on the curve is taken. The seeds are "SIEC255 point
 * generation seed (M)" and "SIEC255 point generation seed (N)"; a test derives both again.
 */
export function siecSuite(): Suite {
  const point = weierstrass({
    p: 28948022309329048855892746252183396360603931420023084536990047309120118726721n,
    n: 28948022309329048855892746252183396360263649053102146073526672701688283398081n,
    h: 1n,
    a: 0n,
    b: 19n,
    Gx: 5n,
    Gy: 12n,
  });
  return createSuite({
    name: 'siec',
    point,
    hash: sha256,
    m: '023ae51a0233b24f690046544b0d8651bcfe3d64b370d51790e294c287b92f0362',
    n: '031e9810fed525805e38ce717a99b5669df694a75593e4e937fc9f11c1ee673fb4',
    shareBytes: 1 + 2 * point.Fp.BYTES,
    encode: (value) => value.toBytes(false),
  });
}
