import { p521 } from '@noble/curves/nist.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { createSuite, type Suite } from './suite.js';

/** SPAKE2-P521-SHA512 (RFC 9382, section 6 for M and N). */
export function p521Suite(): Suite {
  return createSuite({
    name: 'p521',
    point: p521.Point,
    hash: sha512,
    m: '02003f06f38131b2ba2600791e82488e8d20ab889af753a41806c5db18d37d85608cfae06b82e4a72cd744c719193562a653ea1f119eef9356907edc9b56979962d7aa',
    n: '0200c7924b9ec017f3094562894336a53c50167ba8c5963876880542bc669e494b2532d76c5b53dfb349fdf69154b9e0048c58a42e8ed04cef052a3bc349d95575cd25',
    shareBytes: 1 + 2 * p521.Point.Fp.BYTES,
    encode: (point) => point.toBytes(false),
  });
}
