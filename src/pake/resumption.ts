import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { type Bytes, toBase64Url } from '../base/bytes.js';
import { encodeFields, PAKE_PROTOCOL, type PakeContext } from './context.js';
import { type PakeSecret, secretOf, wideBytes } from './stretch.js';

/** 128 bits: without the resumption secret, nobody finds a name or nonce by chance. */
const NAME_BYTES = 16;

/** The channel where two sides reconnect. */
export interface ReconnectChannel {
  /** Hex, which every relay accepts. */
  readonly name: string;
  /** The sender's when it joins, base64url: a restarted process becomes the same participant again. */
  readonly nonce: string;
}

/**
 * Replaces the stretched words when two sides reconnect. `SessionKeys.resumption` has 256 random
 * bits, so it cannot be guessed and needs no stretching: HKDF-SHA-256 (RFC 5869).
 */
export function resumptionSecret(resumption: Uint8Array, context: PakeContext): PakeSecret {
  const { curve, onion, channel } = context;
  return secretOf(derive(resumption, wideBytes(curve), 'secret', curve, onion, channel), curve);
}

/**
 * The channel of a generation, counted from 1; 0 is the meeting by the words. The relay sees the
 * names, but cannot predict the next one or link two of them.
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
