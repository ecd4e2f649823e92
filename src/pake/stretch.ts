import { bytesToNumberBE } from '@noble/curves/utils.js';
import type { Brand } from '../base/brand.js';
import { utf8 } from '../base/bytes.js';
import { encodeFields, PAKE_PROTOCOL, type PakeContext } from './context.js';
import { suiteOf } from './curves/suites.js';

/**
 * RFC 9382's w: the words stretched to a scalar of the curve that they were stretched for. It is
 * as good as the words, and cannot be wiped: JavaScript has no way to overwrite a bigint.
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
  const { order } = suiteOf(context.curve);
  const bytes = Math.ceil((order.toString(2).length + EXTRA_BITS) / 8);
  const password = utf8(words);
  const key = await crypto.subtle.importKey('raw', password, 'PBKDF2', false, ['deriveBits']);
  password.fill(0);
  const salt = encodeFields(PAKE_PROTOCOL, 'password', context.onion, context.channel);
  const parameters = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations: ROUNDS };
  const stretched = new Uint8Array(await crypto.subtle.deriveBits(parameters, key, bytes * 8));
  const w = bytesToNumberBE(stretched) % order;
  stretched.fill(0);
  // Made here alone, of words that were just stretched.
  return w as PakeSecret;
}
