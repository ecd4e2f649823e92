import { p256 } from '@noble/curves/nist.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { createSuite, type Suite } from './suite.js';

/** SPAKE2-P256-SHA256 (RFC 9382, section 6 for M and N). */
export function p256Suite(): Suite {
  return createSuite({
    name: 'p256',
    point: p256.Point,
    hash: sha256,
    m: '02886e2f97ace46e55ba9dd7242579f2993b64e16ef3dcab95afd497333d8fa12f',
    n: '03d8bbd6c639c62937b04d997f38c3770719c629d7014d49a24b4f98baa1292b49',
    shareBytes: 1 + 2 * p256.Point.Fp.BYTES,
    encode: (point) => point.toBytes(false),
  });
}
