import { untilAborted } from '../../base/deadline.js';
import { OnionferryError } from '../../base/errors.js';
import type { SessionKeys } from '../../pake/key-schedule.js';
import { verificationPhrase } from '../../pake/verification-phrase.js';
import type { Work } from '../handle.js';
import type { Settings } from '../settings.js';

/**
 * Tells the user which phrase the other side has to show, and asks whether it does. Done at once
 * where that is not wanted.
 *
 * @param keys of the meeting by the password; a later one follows from it
 * @param over aborts when the answer is of no more use
 * @throws OnionferryError ERR_UNVERIFIED
 */
export async function verifyPeer(
  { verification }: Pick<SessionKeys, 'verification'>,
  { verify }: Pick<Settings, 'verify'>,
  { emit }: Pick<Work, 'emit'>,
  over: AbortSignal,
): Promise<void> {
  if (verify === undefined) return;
  const phrase = verificationPhrase(verification);
  emit({ event: 'verify', phrase });
  if (await untilAborted(Promise.resolve(verify(phrase, over)), over)) return;
  throw new OnionferryError(
    'ERR_UNVERIFIED',
    'the other side shows another phrase: somebody who knows the password may be between the two of you; use a new password, and pass it on by another way',
  );
}
