import { bytesToNumberBE } from '@noble/curves/utils.js';
import type { Brand } from '../base/brand.js';
import { utf8 } from '../base/bytes.js';
import { encodeFields, PAKE_PROTOCOL, type PakeContext } from './context.js';
import type { CurveName } from './curves/curve-name.js';
import { suiteOf } from './curves/suites.js';

/**
 * RFC 9382's w: what both sides know, as a scalar of the curve that it was derived for. It is as
 * good as the words, and cannot be wiped: JavaScript has no way to overwrite a bigint.
 */
export type PakeSecret = Brand<bigint, 'PakeSecret'>;

/** OWASP's number of rounds for PBKDF2-SHA-256; 0.1 s also in a browser without JIT. */
const ROUNDS = 600_000;

/** Bits beyond the order's, so that the remainder modulo the order is as good as uniform. */
const EXTRA_BITS = 64;

/**
 * Makes guessing expensive: PBKDF2-SHA-256 by WebCrypto. RFC 9382 would like a memory-hard
 * function, but scrypt takes seconds in Tor Browser, where WebCrypto has PBKDF2 only.
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

/** How many bytes secretOf takes. */
export function wideBytes(curve: CurveName): number {
  return Math.ceil((suiteOf(curve).order.toString(2).length + EXTRA_BITS) / 8);
}

/** The curve's scalar that `wideBytes` derived bytes stand for; wipes them. */
export function secretOf(wide: Uint8Array, curve: CurveName): PakeSecret {
  const w = bytesToNumberBE(wide) % suiteOf(curve).order;
  wide.fill(0);
  // What is given here was derived for nothing else.
  return w as PakeSecret;
}
