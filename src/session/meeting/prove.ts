import { equalBytes, fromBase64Url, toBase64Url } from '../../base/bytes.js';
import { hasCode, type OnionferryError } from '../../base/errors.js';
import type { OnionAddress } from '../../onion/address.js';
import { answerExchange } from '../../pake/exchange.js';
import type { SessionKeys } from '../../pake/key-schedule.js';
import type { PakeSecret } from '../../pake/stretch.js';
import { WAIT_MAX_MS } from '../../relay-protocol/wire.js';
import { type Offer, type OfferOptions, recipientState } from './join-channel.js';
import { leave } from './leave.js';

export interface ProofOptions extends OfferOptions {
  readonly onion: OnionAddress;
  /** What is thrown when the other side does not know the secret. */
  readonly wrong: (cause?: unknown) => OnionferryError;
  /** Awaited before the answer is sent: from then on the sender may take the two for met. */
  readonly onAnswering?: () => Promise<void> | void;
}

/** Answers a sender's X, once. @returns the keys, which the sender has proved to have as well */
export async function prove(
  options: ProofOptions,
  { uuid, attempt, x, revision }: Offer,
  secret: PakeSecret,
): Promise<SessionKeys> {
  const { access, onion, channel, curve, signal, waitMs = WAIT_MAX_MS, wrong } = options;
  const call = signal === undefined ? {} : { signal };
  const { y, keys } = answerExchange(secret, { onion, channel, curve }, x);
  try {
    const answer = { y: toBase64Url(y), hh_k: toBase64Url(keys.confirmationHash) };
    const request = { channel, uuid, attempt, since: revision, wait: waitMs };
    await options.onAnswering?.();
    let state = recipientState(await access.channel({ ...request, ...answer }, call));
    while (state.h_k === undefined) {
      state = recipientState(await access.channel({ ...request, since: state.revision }, call));
    }
    const confirmation = fromBase64Url(state.h_k);
    if (confirmation !== undefined && equalBytes(confirmation, keys.confirmation)) return keys;
  } catch (error) {
    // Whatever ended the attempt: to the one who guessed it looks like a wrong password.
    if (!hasCode(error, 'ERR_ATTEMPT_ENDED')) throw error;
    throw wrong(error);
  }
  // A relay that plays the sender without knowing the secret.
  await leave(access, { channel, uuid, attempt, close: true });
  throw wrong();
}
