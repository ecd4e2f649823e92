import { bytesToNumberBE } from '@noble/curves/utils.js';
import type { Brand } from '../base/brand.js';
import { utf8 } from '../base/bytes.js';
import { encodeFields, PAKE_PROTOCOL, type PakeContext } from './context.js';
import type { CurveName } from './curves/curve-name.js';
import { suiteOf } from './curves/suites.js';

/**
 * RFC 9382's w: what both sides know, as a scalar of one curve. Protect it like the words; it cannot
 * be wiped, since JavaScript cannot overwrite a bigint.
 */
export type PakeSecret = Brand<bigint, 'PakeSecret'>;

/** OWASP's number for PBKDF2-SHA-256; takes 0.1 s, even in a browser without JIT. */
export const ROUNDS = 600_000;

/** Bits beyond the order's, which make the remainder modulo the order practically uniform. */
const EXTRA_BITS = 64;

/**
 * Makes guessing expensive: PBKDF2-SHA-256 from WebCrypto. RFC 9382 recommends a memory-hard
 * function, but WebCrypto has none, and scrypt in JavaScript takes seconds in Tor Browser.
 *
 * @param words the password's part for the key agreement, as parsePassword returns it
 */
export async function stretchPassword(words: string, context: PakeContext): Promise<PakeSecret> {
  const bytes = wideBytes(context.curve);
  const password = utf8(words);
  const key = await crypto.subtle.importKey('raw', password, 'PBKDF2', false, ['deriveBits']);
  password.fill(0);
  const salt = encodeFields(PAKE_PROTOCOL, 'password', context.onion, context.channel);
  const parameters = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations: ROUNDS };
  const stretched = new Uint8Array(await crypto.subtle.deriveBits(parameters, key, bytes * 8));
  return secretOf(stretched, context.curve);
}

/** How many bytes `secretOf` takes. */
export function wideBytes(curve: CurveName): number {
  return Math.ceil((suiteOf(curve).order.toString(2).length + EXTRA_BITS) / 8);
}

/** Reduces `wideBytes` derived bytes to a scalar of the curve, and wipes them. */
export function secretOf(wide: Uint8Array, curve: CurveName): PakeSecret {
  const w = bytesToNumberBE(wide) % suiteOf(curve).order;
  wide.fill(0);
  // The one place where a secret is made, from bytes derived for it alone.
  return w as PakeSecret;
}
