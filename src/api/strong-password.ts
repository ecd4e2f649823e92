import { OnionferryError } from '../base/errors.js';
import { type Password, parsePassword } from '../pake/password.js';
import { strengthOf } from '../pake/password-strength.js';
import type { Settings } from './settings.js';

/** Of a chosen password, in bits: at 864,000 guesses a day a chance of one in 80,000 a day. */
export const PASSWORD_BITS_MIN = 36;
/** Of its access words, which only keep the crowd out. */
export const ACCESS_BITS_MIN = 16;

type Chosen = Pick<Settings, 'password' | 'allowsWeakPassword'>;

/**
 * Of somebody who serves: a password that others guess soon is refused, unless it is insisted on.
 *
 * @throws OnionferryError ERR_PASSWORD_WEAK
 */
export function assertStrongPassword({ password, allowsWeakPassword }: Chosen): void {
  if (password === undefined || allowsWeakPassword) return;
  if (strengthOf(password) < PASSWORD_BITS_MIN) {
    throw weak('is short, common or repeats itself');
  }
}

/**
 * The same for a password whose first two words are access words: the others are guessed for
 * themselves.
 *
 * @throws OnionferryError ERR_PASSWORD_WEAK, ERR_PASSWORD_FORM
 */
export function assertStrongWords(chosen: Chosen): void {
  if (chosen.password === undefined || chosen.allowsWeakPassword) return;
  const { access, words }: Password = parsePassword(chosen.password);
  if (strengthOf(access) < ACCESS_BITS_MIN)
    throw weak('begins with words that are guessed at once');
  if (strengthOf(words) < PASSWORD_BITS_MIN) {
    throw weak('has words after the second that are short, common or repeat themselves');
  }
}

function weak(reason: string): OnionferryError {
  return new OnionferryError(
    'ERR_PASSWORD_WEAK',
    `this password is too easy to guess: it ${reason}; choose another, or none, and a strong one is made`,
  );
}
