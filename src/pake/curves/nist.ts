import type { WeierstrassPointCons } from '@noble/curves/abstract/weierstrass.js';
import { p256, p384, p521 } from '@noble/curves/nist.js';
import { sha256, sha512 } from '@noble/hashes/sha2.js';
import type { CHash } from '@noble/hashes/utils.js';
import { createSuite, type Suite } from './suite.js';

type NistCurve = 'p256' | 'p384' | 'p521';

interface Parameters {
  readonly point: WeierstrassPointCons<bigint>;
  readonly hash: CHash;
  readonly m: string;
  readonly n: string;
}

/** SPAKE2-P256-SHA256, SPAKE2-P384-SHA512 and SPAKE2-P521-SHA512, with M and N of RFC 9382, section 6. */
const NIST: Readonly<Record<NistCurve, Parameters>> = {
  p256: {
    point: p256.Point,
    hash: sha256,
    m: '02886e2f97ace46e55ba9dd7242579f2993b64e16ef3dcab95afd497333d8fa12f',
    n: '03d8bbd6c639c62937b04d997f38c3770719c629d7014d49a24b4f98baa1292b49',
  },
  p384: {
    point: p384.Point,
    hash: sha512,
    m: '030ff0895ae5ebf6187080a82d82b42e2765e3b2f8749c7e05eba366434b363d3dc36f15314739074d2eb8613fceec2853',
    n: '02c72cf2e390853a1c1c4ad816a62fd15824f56078918f43f922ca21518f9c543bb252c5490214cf9aa3f0baab4b665c10',
  },
  p521: {
    point: p521.Point,
    hash: sha512,
    m: '02003f06f38131b2ba2600791e82488e8d20ab889af753a41806c5db18d37d85608cfae06b82e4a72cd744c719193562a653ea1f119eef9356907edc9b56979962d7aa',
    n: '0200c7924b9ec017f3094562894336a53c50167ba8c5963876880542bc669e494b2532d76c5b53dfb349fdf69154b9e0048c58a42e8ed04cef052a3bc349d95575cd25',
  },
};

export function nistSuite(name: NistCurve): Suite {
  const { point, hash, m, n } = NIST[name];
  return createSuite({
    ...{ name, point, hash, m, n },
    shareBytes: 1 + 2 * point.Fp.BYTES,
    encode: (value) => value.toBytes(false),
  });
}
