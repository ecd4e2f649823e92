import { parseOnionAddress } from '../../src/onion/address.js';
import type { PakeContext } from '../../src/pake/context.js';
import type { CurveName } from '../../src/pake/curves/curve-name.js';
import type { PakeSecret } from '../../src/pake/stretch.js';
import vectors from '../vectors/onion-v3.json' with { type: 'json' };

export const ONIONS = vectors.wellKnown.map(parseOnionAddress);

export function contextOn(curve: CurveName): PakeContext {
  return { onion: parseOnionAddress(vectors.wellKnown[0] ?? ''), channel: 'abacus-zoom', curve };
}

/** A scalar in a stretched password's place, where the stretching is not what is tested. */
export function secretOf(w: bigint): PakeSecret {
  // The brand says where such a number comes from in earnest; tests choose it.
  return w as PakeSecret;
}
