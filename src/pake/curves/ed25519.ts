import { ed25519 } from '@noble/curves/ed25519.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { createSuite, type Suite } from './suite.js';

/**
 * SPAKE2-edwards25519-SHA256, with RFC 9382's M and N. Some public code has another M (ending in
 * a37004d5), which has a torsion component.
 */
export function ed25519Suite(): Suite {
  return createSuite({
    name: 'ed25519',
    point: ed25519.Point,
    hash: sha256,
    m: 'd048032c6ea0b6d697ddc2e86bda85a33adac920f1bf18e1b0c6d166a5cecdaf',
    n: 'd3bfb518f44f3430f29d0c92af503865a1ed3281dc69b35dd868ba85f886c4ab',
    shareBytes: ed25519.Point.Fp.BYTES,
    encode: (point) => new Uint8Array(point.toBytes()),
  });
}
