import { OnionferryError } from '../base/errors.js';
import { WORDS } from './word-list.js';

/** A password in two parts; knowing one does not help to guess the other. */
export interface Password {
  /** The first two words (the access words), joined by a hyphen: channel name and Basic auth password. */
  readonly access: string;
  /** The other words, joined by hyphens; only the key agreement sees them. */
  readonly words: string;
  /** Made by `generatePassword` just now, and so as hard to guess as that makes them. */
  readonly isGenerated?: true;
}

const ACCESS_WORDS = 2;
/** Four beyond the access words: 2^51.6 possibilities. */
export const GENERATED_WORDS = 6;
const WORDS_MIN = 5;
const PASSWORD_MAX_CHARACTERS = 512;
/** Two words and a hyphen fit into a channel's name of at most 128 characters. */
const WORD_MAX_CHARACTERS = 63;

/** Six words, each drawn uniformly. */
export function generatePassword(): Password {
  const words = Array.from({ length: GENERATED_WORDS }, randomWord);
  return { ...passwordOf(words), isGenerated: true };
}

/**
 * Reads a password as people type it: words separated by hyphens, dashes or white space, in any
 * case. Words are letters and digits of any script, compared after NFKC normalization.
 *
 * @throws OnionferryError ERR_PASSWORD_FORM with what is expected, never with the text itself
 */
export function parsePassword(text: string): Password {
  if (text.length > PASSWORD_MAX_CHARACTERS) {
    throw bad(`has more than ${PASSWORD_MAX_CHARACTERS} characters`);
  }
  const words = normalize(text)
    .trim()
    .split(/[\s\p{Pd}\u2212]+/u);
  if (words.length > 1 && words.includes('')) throw bad('starts or ends with a hyphen');
  if (words.some((word) => !/^[\p{L}\p{N}]*$/u.test(word))) {
    throw bad('has a character other than letters, digits and hyphens');
  }
  if (words.length < WORDS_MIN) throw bad('has fewer');
  if (words.some((word) => word.length > WORD_MAX_CHARACTERS)) {
    throw bad(`has a word of more than ${WORD_MAX_CHARACTERS} characters`);
  }
  const password = passwordOf(words);
  if (formatPassword(password).length > PASSWORD_MAX_CHARACTERS) {
    throw bad(`has more than ${PASSWORD_MAX_CHARACTERS} characters`);
  }
  return password;
}

/** All words, joined by hyphens. */
export function formatPassword(password: Password): string {
  return `${password.access}-${password.words}`;
}

function passwordOf(words: readonly string[]): Password {
  return {
    access: words.slice(0, ACCESS_WORDS).join('-'),
    words: words.slice(ACCESS_WORDS).join('-'),
  };
}

/** NFKC twice: some marks, such as the caron of J, compose only with the lower-case letter. */
function normalize(text: string): string {
  return text.normalize('NFKC').toLowerCase().normalize('NFKC');
}

function randomWord(): string {
  // Draws 13 bits, and again if they exceed the list: a remainder would favour its first words.
  const draw = new Uint16Array(1);
  for (;;) {
    crypto.getRandomValues(draw);
    const word = WORDS[(draw[0] ?? 0) & 0x1fff];
    if (word !== undefined) return word;
  }
}

function bad(reason: string): OnionferryError {
  return new OnionferryError(
    'ERR_PASSWORD_FORM',
    `a password has at least ${WORDS_MIN} words joined by hyphens, like word-word-word-word-word; this one ${reason}`,
  );
}
