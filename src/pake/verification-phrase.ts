import { WORDS } from './word-list.js';

/**
 * 64.6 bits. Whoever knows the password and stands between the two sides gets a phrase with each of
 * them, and learns one before it must settle the other: it can try as many keys of its own as it has
 * time for, while somebody reads a few words aloud. Four words, 51.6 bits, would be within reach.
 */
const PHRASE_WORDS = 5;

/**
 * What both sides show of one key agreement, to be compared by people: `verification` of its keys as
 * a number, big endian, divided by the number of words; the remainders are the words, the first one
 * first. Of 256 bits, no word is likelier than another by more than 2^-190.
 */
export function verificationPhrase(verification: Uint8Array): string {
  let rest = verification.reduce((number, byte) => number * 256n + BigInt(byte), 0n);
  const count = BigInt(WORDS.length);
  const words = Array.from({ length: PHRASE_WORDS }, () => {
    const word = WORDS[Number(rest % count)];
    rest /= count;
    return word;
  });
  return words.join(' ');
}
