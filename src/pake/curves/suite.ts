import type { CurvePoint, CurvePointCons } from '@noble/curves/abstract/curve.js';
import type { CHash } from '@noble/hashes/utils.js';
import type { Bytes } from '../../base/bytes.js';
import { OnionferryError } from '../../base/errors.js';
import { keepTableSmall } from '../../base/generator-table.js';

/** RFC 9382's A is the sender, its B the recipient. */
export type PakeRole = 'sender' | 'recipient';

/** A group with its SPAKE2 constants and hash (RFC 9382, section 6). Callers see points as bytes. */
export interface Suite {
  /** Order of the group that G generates; a prime. */
  readonly order: bigint;
  /** Length of a scalar. */
  readonly scalarBytes: number;
  readonly hash: CHash;
  /** pA = x·G + w·M of the sender, pB = y·G + w·N of the recipient. */
  share(role: PakeRole, scalar: bigint, w: bigint): Bytes;
  /**
   * K = h·x·(pB − w·N) of the sender, h·y·(pA − w·M) of the recipient.
   *
   * @throws OnionferryError ERR_PAKE, always the same, if `peerShare` is not the canonical encoding
   * of a point in the prime-order group, is the identity, or makes K the identity
   */
  agree(role: PakeRole, scalar: bigint, w: bigint, peerShare: Uint8Array): Bytes;
}

interface SuiteOptions<P extends CurvePoint<bigint, P>> {
  readonly point: CurvePointCons<P>;
  readonly hash: CHash;
  /** As hex: SEC 1 compressed, or the curve's own encoding. */
  readonly m: string;
  readonly n: string;
  /** Shares have one form on the wire: SEC 1 uncompressed, or the curve's own. */
  readonly shareBytes: number;
  readonly encode: (point: P) => Bytes;
}

export function createSuite<P extends CurvePoint<bigint, P>>(options: SuiteOptions<P>): Suite {
  const { point: Point, hash, encode } = options;
  keepTableSmall(Point.BASE);
  const M = Point.fromHex(options.m);
  const N = Point.fromHex(options.n);

  function decode(bytes: Uint8Array): P {
    // The length rules out SEC 1's compressed form, which @noble/curves would accept.
    if (bytes.length !== options.shareBytes) throw notAgreed();
    let point: P;
    try {
      point = Point.fromBytes(bytes);
    } catch {
      throw notAgreed();
    }
    if (point.is0() || !point.isTorsionFree()) throw notAgreed();
    return point;
  }

  // @noble/curves refuses to multiply by zero, which a password's scalar may be, if improbably.
  const times = (point: P, scalar: bigint): P =>
    scalar === 0n ? Point.ZERO : point.multiply(scalar);

  // A side has one w for as long as it waits, and every guess at it would cost these two again.
  const latest = new Map<P, { readonly w: bigint; readonly product: P }>();
  const mask = (constant: P, w: bigint): P => {
    const known = latest.get(constant);
    if (known?.w === w) return known.product;
    const product = times(constant, w);
    latest.set(constant, { w, product });
    return product;
  };

  return {
    order: Point.Fn.ORDER,
    scalarBytes: Point.Fn.BYTES,
    hash,
    share(role, scalar, w): Bytes {
      return encode(Point.BASE.multiply(scalar).add(mask(role === 'sender' ? M : N, w)));
    },
    agree(role, scalar, w, peerShare): Bytes {
      const unmasked = decode(peerShare).subtract(mask(role === 'sender' ? N : M, w));
      // pB = w·N: with a guessed w and no y, a peer could otherwise force a known K.
      if (unmasked.is0()) throw notAgreed();
      return encode(unmasked.multiply(scalar).clearCofactor());
    },
  };
}

/**
 * All failures are one error without a cause: it must not reveal what was wrong with a share, least
 * of all whether it matched the password.
 */
function notAgreed(): OnionferryError {
  return new OnionferryError(
    'ERR_PAKE',
    'the other side sent an invalid key share, so this attempt has ended',
  );
}
