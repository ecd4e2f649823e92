/**
 * The five curves again, slow and plain, sharing no code with the library: affine formulas straight
 * from the textbook, on bigints. Points are [x, y]; undefined is the identity.
 */
import { createHash } from 'node:crypto';

export type NaivePoint = readonly [x: bigint, y: bigint] | undefined;

export interface NaiveCurve {
  readonly p: bigint;
  readonly order: bigint;
  readonly cofactor: bigint;
  readonly base: NaivePoint;
  /** The name in RFC 9382's seeds: the object identifier, or the curve's own name. */
  readonly seedName: string;
  add(a: NaivePoint, b: NaivePoint): NaivePoint;
  /** Of the form in which shares travel. */
  encode(point: NaivePoint): Buffer;
  /** Of the form in which M and N are given. */
  decode(bytes: Buffer): NaivePoint;
  /** Makes a string of random bytes look like an encoded point (RFC 9382, appendix A). */
  canonical(bytes: Buffer): Buffer;
  readonly constantBytes: number;
}

const mod = (a: bigint, p: bigint): bigint => ((a % p) + p) % p;

function pow(base: bigint, exponent: bigint, p: bigint): bigint {
  let result = 1n;
  for (let b = mod(base, p), e = exponent; e > 0n; e >>= 1n, b = (b * b) % p) {
    if (e & 1n) result = (result * b) % p;
  }
  return result;
}

function invert(a: bigint, p: bigint): bigint {
  let [r0, r1, s0, s1] = [p, mod(a, p), 0n, 1n];
  while (r1 !== 0n) {
    const q = r0 / r1;
    [r0, r1, s0, s1] = [r1, r0 - q * r1, s1, s0 - q * s1];
  }
  return mod(s0, p);
}

/** By Cipolla's algorithm, which needs no case for the shape of p. */
function squareRoot(n: bigint, p: bigint): bigint | undefined {
  const isSquare = (v: bigint): boolean => pow(v, (p - 1n) / 2n, p) <= 1n;
  if (!isSquare(n)) return undefined;
  let a = 0n;
  while (isSquare(a * a - n)) a++;
  const w = mod(a * a - n, p);
  type Pair = readonly [bigint, bigint];
  const times = ([x0, x1]: Pair, [y0, y1]: Pair): Pair => [
    mod(x0 * y0 + x1 * y1 * w, p),
    mod(x0 * y1 + x1 * y0, p),
  ];
  let result: Pair = [1n, 0n];
  for (let b: Pair = [a, 1n], e = (p + 1n) / 2n; e > 0n; e >>= 1n, b = times(b, b)) {
    if (e & 1n) result = times(result, b);
  }
  return result[0];
}

const toBigInt = (bytes: Buffer): bigint => BigInt(`0x0${bytes.toString('hex')}`);
const toBytes = (n: bigint, length: number): Buffer =>
  Buffer.from(n.toString(16).padStart(2 * length, '0'), 'hex');
const reversed = (bytes: Buffer): Buffer => Buffer.from(bytes).reverse();

function weierstrass(options: {
  p: bigint;
  order: bigint;
  a: bigint;
  b: bigint;
  base: NaivePoint;
  seedName: string;
}): NaiveCurve {
  const { p, a, b } = options;
  const length = Math.ceil(p.toString(2).length / 8);
  return {
    ...options,
    cofactor: 1n,
    constantBytes: 1 + length,
    add(P, Q) {
      if (P === undefined) return Q;
      if (Q === undefined) return P;
      const [x1, y1, x2, y2] = [...P, ...Q];
      if (x1 === x2 && mod(y1 + y2, p) === 0n) return undefined;
      const slope =
        x1 === x2 ? (3n * x1 * x1 + a) * invert(2n * y1, p) : (y2 - y1) * invert(x2 - x1, p);
      const x = mod(slope * slope - x1 - x2, p);
      return [x, mod(slope * (x1 - x) - y1, p)];
    },
    encode(point) {
      if (point === undefined) return Buffer.of(0);
      return Buffer.concat([Buffer.of(4), toBytes(point[0], length), toBytes(point[1], length)]);
    },
    decode(bytes) {
      const x = toBigInt(bytes.subarray(1));
      const y = x < p ? squareRoot(x ** 3n + a * x + b, p) : undefined;
      if (y === undefined) throw new Error('not on the curve');
      return [x, (y & 1n) === BigInt((bytes[0] ?? 0) & 1) ? y : p - y];
    },
    canonical: (bytes) => Buffer.concat([Buffer.of(((bytes[0] ?? 0) & 1) | 2), bytes.subarray(1)]),
  };
}

function edwards25519(): NaiveCurve {
  const p = 2n ** 255n - 19n;
  const d = mod(-121665n * invert(121666n, p), p);
  const curve: NaiveCurve = {
    p,
    order: 2n ** 252n + 27742317777372353535851937790883648493n,
    cofactor: 8n,
    seedName: 'edwards25519',
    constantBytes: 32,
    base: [
      15112221349535400772501151409588531511454012693041857206046113283949847762202n,
      46316835694926478169428394003475163141307993866256225615783033603165251855960n,
    ],
    add(P, Q) {
      const [x1, y1, x2, y2] = [...(P ?? [0n, 1n]), ...(Q ?? [0n, 1n])] as const;
      const t = mod(d * x1 * x2 * y1 * y2, p);
      const x = mod((x1 * y2 + x2 * y1) * invert(1n + t, p), p);
      const y = mod((y1 * y2 + x1 * x2) * invert(1n - t, p), p);
      return x === 0n && y === 1n ? undefined : [x, y];
    },
    encode(point) {
      const [x, y] = point ?? [0n, 1n];
      return reversed(toBytes(y | ((x & 1n) << 255n), 32));
    },
    decode(bytes) {
      const whole = toBigInt(reversed(bytes));
      const [sign, y] = [whole >> 255n, whole & (2n ** 255n - 1n)];
      const x = y < p ? squareRoot((y * y - 1n) * invert(d * y * y + 1n, p), p) : undefined;
      if (x === undefined || (x === 0n && sign === 1n)) throw new Error('not on the curve');
      return [(x & 1n) === sign ? x : p - x, y];
    },
    canonical: (bytes) => bytes,
  };
  return curve;
}

export const naiveCurves = {
  p256: weierstrass({
    seedName: '1.2.840.10045.3.1.7',
    p: 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn,
    order: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
    a: -3n,
    b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
    base: [
      0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n,
      0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n,
    ],
  }),
  p384: weierstrass({
    seedName: '1.3.132.0.34',
    p: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
    order:
      0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
    a: -3n,
    b: 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn,
    base: [
      0xaa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7n,
      0x3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5fn,
    ],
  }),
  p521: weierstrass({
    seedName: '1.3.132.0.35',
    p: 2n ** 521n - 1n,
    order:
      0x01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
    a: -3n,
    b: 0x0051953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00n,
    base: [
      0x00c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3dbaa14b5e77efe75928fe1dc127a2ffa8de3348b3c1856a429bf97e7e31c2e5bd66n,
      0x011839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17273e662c97ee72995ef42640c550b9013fad0761353c7086a272c24088be94769fd16650n,
    ],
  }),
  ed25519: edwards25519(),
  siec: weierstrass({
    seedName: 'SIEC255',
    p: 28948022309329048855892746252183396360603931420023084536990047309120118726721n,
    order: 28948022309329048855892746252183396360263649053102146073526672701688283398081n,
    a: 0n,
    b: 19n,
    base: [5n, 12n],
  }),
};

export function multiply(curve: NaiveCurve, point: NaivePoint, scalar: bigint): NaivePoint {
  let result: NaivePoint;
  for (let P = point, s = scalar; s > 0n; s >>= 1n, P = curve.add(P, P)) {
    if (s & 1n) result = curve.add(result, P);
  }
  return result;
}

export function negate(curve: NaiveCurve, point: NaivePoint): NaivePoint {
  return multiply(curve, point, curve.order - 1n);
}

/** M or N as RFC 9382, appendix A, finds them. */
export function findConstant(curve: NaiveCurve, which: 'M' | 'N'): Buffer {
  const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();
  const blocks = [sha256(Buffer.from(`${curve.seedName} point generation seed (${which})`))];
  for (let first = 0; first < 1000; first++) {
    while (blocks.length < first + 3) blocks.push(sha256(blocks.at(-1) ?? Buffer.alloc(0)));
    const bytes = Buffer.concat(blocks.slice(first, first + 3)).subarray(0, curve.constantBytes);
    const candidate = curve.canonical(bytes);
    try {
      const point = curve.decode(candidate);
      if (point !== undefined && multiply(curve, point, curve.order) === undefined)
        return candidate;
    } catch {
      // The next block, then.
    }
  }
  throw new Error('no point found');
}
