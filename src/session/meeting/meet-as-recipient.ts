import { OnionferryError } from '../../base/errors.js';
import { stretchPassword } from '../../pake/stretch.js';
import { meetWithSecret, type SecretMeetingOptions } from './meet-with-secret.js';
import type { Meeting } from './meeting.js';

export interface RecipientMeetingOptions
  extends Omit<SecretMeetingOptions, 'secret' | 'wrong' | 'onAnswering' | 'aheadWhen'> {
  /** The password's words behind the door. */
  readonly words: string;
}

/**
 * Joins a channel and proves the words, once: a wrong guess is never repeated by itself.
 *
 * @throws OnionferryError ERR_PASSWORD if the words (or the door) are wrong, ERR_CHANNEL_MISSING,
 *   ERR_CHANNEL_FULL, ERR_CURVE
 */
export async function meetAsRecipient(options: RecipientMeetingOptions): Promise<Meeting> {
  const { onion, channel, curve, words } = options;
  const secret = stretchPassword(words, { onion, channel, curve });
  return await meetWithSecret({ ...options, secret, wrong: wrongPassword, aheadWhen: 'joining' });
}

function wrongPassword(cause?: unknown): OnionferryError {
  return new OnionferryError(
    'ERR_PASSWORD',
    'the password is not the right one; check it with the sender and try again',
    { cause },
  );
}
