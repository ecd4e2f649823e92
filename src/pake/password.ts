import { OnionferryError } from '../base/errors.js';
import { WORDS } from './word-list.js';

/** A password in its two parts, which never help to guess one another. */
export interface Password {
  /** The first two words, joined by a hyphen: the channel's name, and Basic auth's password. */
  readonly door: string;
  /** The other words, joined by hyphens; the key agreement alone sees them. */
  readonly words: string;
}

const ACCESS_WORDS = 2;
/** 2^38.7 possibilities beyond the door. */
const GENERATED_WORDS = 5;
const WORDS_MIN = 5;
const PASSWORD_MAX_CHARACTERS = 512;
/** Two of them and a hyphen fit into a channel's name, which has at most 128 characters. */
const WORD_MAX_CHARACTERS = 63;

/** Five words, each drawn uniformly. */
export function generatePassword(): Password {
  return passwordOf(Array.from({ length: GENERATED_WORDS }, randomWord));
}

/**
 * Reads a password as people type it: words between hyphens, dashes or white space, in any case.
 * Words are letters and digits of any script, compared after Unicode's NFKC.
 *
 * @throws OnionferryError ERR_PASSWORD_FORM with what is expected; never with what was given
 */
export function parsePassword(text: string): Password {
  if (text.length > PASSWORD_MAX_CHARACTERS) {
    throw bad(`it has more than ${PASSWORD_MAX_CHARACTERS} characters`);
  }
  const words = normalize(text)
    .trim()
    .split(/[\s\p{Pd}\u2212]+/u);
  if (words.length > 1 && words.includes('')) throw bad('it begins or ends with a hyphen');
  if (words.some((word) => !/^[\p{L}\p{N}]*$/u.test(word))) {
    throw bad('it holds something else than letters, digits and what stands between words');
  }
  if (words.length < WORDS_MIN) throw bad('there are fewer words');
  if (words.some((word) => word.length > WORD_MAX_CHARACTERS)) {
    throw bad(`a word of it has more than ${WORD_MAX_CHARACTERS} characters`);
  }
  const password = passwordOf(words);
  if (formatPassword(password).length > PASSWORD_MAX_CHARACTERS) {
    throw bad(`it has more than ${PASSWORD_MAX_CHARACTERS} characters`);
  }
  return password;
}

/** All words, joined by hyphens. */
export function formatPassword(password: Password): string {
  return `${password.door}-${password.words}`;
}

function passwordOf(words: readonly string[]): Password {
  return {
    door: words.slice(0, ACCESS_WORDS).join('-'),
    words: words.slice(ACCESS_WORDS).join('-'),
  };
}

/** Composed again at the end: some marks compose with the small letter alone, as J's caron does. */
function normalize(text: string): string {
  return text.normalize('NFKC').toLowerCase().normalize('NFKC');
}

function randomWord(): string {
  // Draws 13 bits and again if they are beyond the list, since a remainder would favour its head.
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
    `a password is at least ${WORDS_MIN} words joined by hyphens, like word-word-word-word-word; in this one ${reason}`,
  );
}
