import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { type Bytes, toBase64Url } from '../base/bytes.js';
import { encodeFields, PAKE_PROTOCOL, type PakeContext } from './context.js';
import { type PakeSecret, secretOf, wideBytes } from './stretch.js';

/** 128 bits: who does not know the resumption secret never meets such a name or nonce. */
const NAME_BYTES = 16;

/** Where two who have met before meet again. */
export interface ReconnectChannel {
  /** The channel's name: hex, so that any relay takes it. */
  readonly name: string;
  /** With which the sender joins, base64url: also a process started anew finds its place again. */
  readonly nonce: string;
}

/**
 * What takes the stretched words' place when two meet again. `SessionKeys.resumption` has 256
 * random bits, so there is nothing to guess and nothing is stretched: HKDF-SHA-256 (RFC 5869).
 */
export function resumptionSecret(resumption: Uint8Array, context: PakeContext): PakeSecret {
  const { curve, onion, channel } = context;
  return secretOf(derive(resumption, wideBytes(curve), 'secret', curve, onion, channel), curve);
}

/**
 * The channel of a generation, counted from 1; 0 is the meeting by the words. The relay sees the
 * names, and can tell from none of them which is the next or that two belong together.
 */
export function reconnectChannel(resumption: Uint8Array, generation: number): ReconnectChannel {
  const bytes = (label: string): Bytes =>
    derive(resumption, NAME_BYTES, label, generation.toString());
  const name = Array.from(bytes('channel'), (byte) => byte.toString(16).padStart(2, '0')).join('');
  return { name, nonce: toBase64Url(bytes('nonce')) };
}

function derive(
  resumption: Uint8Array,
  length: number,
  label: string,
  ...about: readonly string[]
): Bytes {
  const info = encodeFields(PAKE_PROTOCOL, `reconnect ${label}`, ...about);
  return new Uint8Array(hkdf(sha256, resumption, undefined, info, length));
}
