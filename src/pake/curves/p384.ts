import { p384 } from '@noble/curves/nist.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { createSuite, type Suite } from './suite.js';

/** SPAKE2-P384-SHA512 (RFC 9382, section 6 for M and N). */
export function p384Suite(): Suite {
  return createSuite({
    name: 'p384',
    point: p384.Point,
    hash: sha512,
    m: '030ff0895ae5ebf6187080a82d82b42e2765e3b2f8749c7e05eba366434b363d3dc36f15314739074d2eb8613fceec2853',
    n: '02c72cf2e390853a1c1c4ad816a62fd15824f56078918f43f922ca21518f9c543bb252c5490214cf9aa3f0baab4b665c10',
    shareBytes: 1 + 2 * p384.Point.Fp.BYTES,
    encode: (point) => point.toBytes(false),
  });
}
