import { getMinHashLength, mapHashToField } from '@noble/curves/abstract/modular.js';
import { bytesToNumberBE, numberToBytesBE } from '@noble/curves/utils.js';
import { type Bytes, randomBytes } from '../base/bytes.js';
import { encodeFields } from './context.js';
import type { PakeRole, Suite } from './curves/suite.js';

/** One side's inputs to SPAKE2 (RFC 9382); A is the sender, B the recipient. */
export interface Spake2Side {
  readonly role: PakeRole;
  readonly idA: Uint8Array;
  readonly idB: Uint8Array;
  readonly w: bigint;
  /** This side's secret, x of A or y of B; used once. */
  readonly scalar: bigint;
}

export interface Spake2Result {
  /** K, encoded as on the wire. */
  readonly sharedPoint: Bytes;
  /** TT of RFC 9382, section 3.3; secret, because it contains K and w. */
  readonly transcript: Bytes;
}

/** A uniformly random secret scalar from 1 to the order − 1. */
export function randomScalar(suite: Suite): bigint {
  const wide = randomBytes(getMinHashLength(suite.order));
  const scalar = mapHashToField(wide, suite.order);
  const value = bytesToNumberBE(scalar);
  wide.fill(0);
  scalar.fill(0);
  return value;
}

/** pA or pB. */
export function spake2Share(suite: Suite, side: Spake2Side): Bytes {
  return suite.share(side.role, side.scalar, side.w);
}

/**
 * K and the transcript, from this side's own share and the other's.
 *
 * @throws OnionferryError ERR_PAKE if `peerShare` is not acceptable
 */
export function spake2Finish(
  suite: Suite,
  side: Spake2Side,
  ownShare: Uint8Array,
  peerShare: Uint8Array,
): Spake2Result {
  const sharedPoint = suite.agree(side.role, side.scalar, side.w, peerShare);
  const [pA, pB] = side.role === 'sender' ? [ownShare, peerShare] : [peerShare, ownShare];
  const w = numberToBytesBE(side.w, suite.scalarBytes);
  const transcript = encodeFields(side.idA, side.idB, pA, pB, sharedPoint, w);
  w.fill(0);
  return { sharedPoint, transcript };
}
