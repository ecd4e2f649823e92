import type { Bytes } from '../base/bytes.js';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

/** Base32 (RFC 4648, section 6) as Tor writes it: lower case, without padding. */
export function toBase32(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET.charAt((held >> bits) & 31);
    }
    held &= (1 << bits) - 1;
  }
  return bits === 0 ? text : text + ALPHABET.charAt((held << (5 - bits)) & 31);
}

/** @returns undefined unless `text` is the {@link toBase32} of some bytes */
export function fromBase32(text: string): Bytes | undefined {
  const bytes = new Uint8Array(Math.floor((text.length * 5) / 8));
  let bits = 0;
  let held = 0;
  let at = 0;
  for (const character of text) {
    const value = ALPHABET.indexOf(character);
    if (value < 0) return undefined;
    held = (held << 5) | value;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = held >> bits;
      held &= (1 << bits) - 1;
    }
  }
  // Leftover bits are padding: fewer than one character's worth, and all zero.
  return bits < 5 && held === 0 ? bytes : undefined;
}
