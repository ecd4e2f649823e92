import { type Bytes, concat, utf8 } from '../base/bytes.js';
import type { OnionAddress } from '../onion/address.js';
import type { CurveName } from './curves/curve-name.js';
import type { PakeRole } from './curves/suite.js';

/** What both sides must agree on for their keys to match. */
export interface PakeContext {
  /** Of the relay where the two meet. */
  readonly onion: OnionAddress;
  readonly channel: string;
  readonly curve: CurveName;
}

/** Bump it with every incompatible change to what is derived here. */
export const PAKE_PROTOCOL = 'onionferry/1';

/** RFC 9382's idA or idB: the party's role and everything both parties rely on. */
export function identityOf(role: PakeRole, context: PakeContext): Bytes {
  return encodeFields(PAKE_PROTOCOL, 'SPAKE2', context.curve, context.onion, context.channel, role);
}

/** Each field after its length (8 bytes, little endian), so that none can run into the next. */
export function encodeFields(...fields: readonly (string | Uint8Array)[]): Bytes {
  return concat(
    ...fields.flatMap((field) => {
      const bytes = typeof field === 'string' ? utf8(field) : field;
      const length = new Uint8Array(8);
      new DataView(length.buffer).setBigUint64(0, BigInt(bytes.length), true);
      return [length, bytes];
    }),
  );
}
