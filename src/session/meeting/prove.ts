import { equalBytes, fromBase64Url, toBase64Url } from '../../base/bytes.js';
import { sleep } from '../../base/deadline.js';
import { hasCode, OnionferryError } from '../../base/errors.js';
import type { OnionAddress } from '../../onion/address.js';
import type { CurveName } from '../../pake/curves/curve-name.js';
import { answerExchange } from '../../pake/exchange.js';
import type { SessionKeys } from '../../pake/key-schedule.js';
import type { PakeSecret } from '../../pake/stretch.js';
import type { RelayRequests } from '../../relay-protocol/relay-client.js';
import { WAIT_MAX_MS } from '../../relay-protocol/wire.js';
import { type JoinedAttempt, recipientState } from './join-channel.js';
import { leave } from './leave.js';

/**
 * How long an answer waits to be judged: while others guess, a chosen password is judged seldom. A
 * relay that says for ever that it is waiting holds nobody for longer.
 */
export const JUDGED_MAX_MS: number = 10 * 60_000;
/** Pause after a reply that brought nothing, which an honest relay sends late by itself. */
const NOTHING_NEW_MS = 200;

export interface ProofOptions {
  readonly relay: RelayRequests;
  readonly onion: OnionAddress;
  readonly channel: string;
  readonly curve: CurveName;
  readonly signal?: AbortSignal | undefined;
  /** Says that whatever is offered is taken: the sender need not wait for a word. */
  readonly agrees?: boolean | undefined;
  /** For each request that waits; default WAIT_MAX_MS. */
  readonly waitMs?: number | undefined;
  /** How long an answer waits to be judged; default ten minutes. */
  readonly judgedMaxMs?: number | undefined;
  /** What is thrown when the other side does not know the secret. */
  readonly wrong: (cause?: unknown) => OnionferryError;
  /** Awaited before the answer is sent: from then on the sender may count this as a meeting. */
  readonly onAnswering?: (() => Promise<void> | void) | undefined;
}

/**
 * Answers a sender's X, once.
 *
 * @returns the keys, which the sender has proved to have as well
 * @throws what `wrong` makes, if the sender or a relay in its place has refused the answer. What ends
 *   an attempt unjudged says so (ERR_CHANNEL_FULL, ERR_RELAY_BUSY), but is no reason to answer again
 *   by oneself: a relay could end one attempt after another so, with a guess in each.
 */
export async function prove(
  options: ProofOptions,
  { uuid, attempt, x, revision }: JoinedAttempt,
  secret: PakeSecret,
): Promise<SessionKeys> {
  const { relay, onion, channel, curve, signal, waitMs = WAIT_MAX_MS, wrong } = options;
  const { y, keys } = answerExchange(secret, { onion, channel, curve }, x);
  const [proof, expected] =
    options.agrees === true
      ? [keys.agreementHash, keys.agreement]
      : [keys.confirmationHash, keys.confirmation];
  try {
    const answer = { y: toBase64Url(y), hh_k: toBase64Url(proof) };
    const request = { channel, uuid, attempt, since: revision, wait: waitMs };
    await options.onAnswering?.();
    let state = recipientState(await relay.channel({ ...request, ...answer }, { signal }));
    const giveUpAt = performance.now() + (options.judgedMaxMs ?? JUDGED_MAX_MS);
    while (state.h_k === undefined) {
      if (performance.now() >= giveUpAt) throw notJudged();
      await sleep(NOTHING_NEW_MS, signal);
      const since = state.revision;
      state = recipientState(await relay.channel({ ...request, since }, { signal }));
    }
    const confirmation = fromBase64Url(state.h_k);
    if (confirmation !== undefined && equalBytes(confirmation, expected)) return keys;
  } catch (error) {
    // Whatever ended the attempt: to a guesser it looks like a wrong password.
    if (!hasCode(error, 'ERR_ATTEMPT_ENDED')) throw error;
    throw wrong(error);
  }
  // A relay that impersonates the sender without knowing the secret.
  await leave(relay, { channel, uuid, attempt, close: true });
  throw wrong();
}

function notJudged(): OnionferryError {
  return new OnionferryError(
    'ERR_RELAY_BUSY',
    'the sender has not answered for ten minutes; ask whether it still runs, then try again',
  );
}
