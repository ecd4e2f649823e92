import { equalBytes, fromBase64Url, randomBytes, toBase64Url } from '../../base/bytes.js';
import { sleep, untilAborted } from '../../base/deadline.js';
import { deferred } from '../../base/deferred.js';
import { asOnionferryError, hasCode, OnionferryError } from '../../base/errors.js';
import type { OnionAddress } from '../../onion/address.js';
import type { CurveName } from '../../pake/curves/curve-name.js';
import { answerExchange } from '../../pake/exchange.js';
import type { SessionKeys } from '../../pake/key-schedule.js';
import { type PakeSecret, stretchPassword } from '../../pake/stretch.js';
import type { RelayAccess } from '../../relay/access.js';
import {
  type JoinReply,
  type ParticipantId,
  type RecipientState,
  WAIT_MAX_MS,
} from '../../relay/protocol.js';
import { leave } from './leave.js';
import type { Meeting, PeerState } from './meeting.js';
import { FIRST_ISOLATION, openStream } from './open-stream.js';

/** How long a recipient waits for its turn: a sender between two transfers, or busy with another. */
const TURN_DEADLINE_MS = 60_000;
const TURN_PAUSE_MS = 1_000;
/** Relays close a stream connection that has said nothing for ten seconds. */
const AHEAD_MAX_MS = 5_000;

export interface RecipientMeetingOptions {
  readonly access: RelayAccess;
  readonly onion: OnionAddress;
  readonly channel: string;
  /** The one curve that is accepted: as named by the invitation or the user. */
  readonly curve: CurveName;
  /** The password's words behind the door. */
  readonly words: string;
  readonly signal?: AbortSignal | undefined;
  readonly establishMs?: number | undefined;
  /** For each request that waits; default WAIT_MAX_MS. */
  readonly waitMs?: number | undefined;
  /** For its turn at a channel that is missing or full. */
  readonly turnDeadlineMs?: number | undefined;
  readonly onPeer?: (state: PeerState) => void;
  /** What it waits for, a phrase; told once for each reason. */
  readonly onWaiting?: (reason: string) => void;
}

/**
 * Joins a channel and proves the words, once: a wrong guess is never repeated by itself.
 *
 * @throws OnionferryError ERR_PASSWORD if the words (or the door) are wrong, ERR_CHANNEL_MISSING,
 *   ERR_CHANNEL_FULL, ERR_CURVE
 */
export async function meetAsRecipient(options: RecipientMeetingOptions): Promise<Meeting> {
  const { access, onion, channel, curve, words, signal, establishMs } = options;
  const ending = new AbortController();
  const until = AbortSignal.any([ending.signal, ...(signal === undefined ? [] : [signal])]);
  // Both run while the channel is joined: no round trip is spent on them.
  const stretching = stretchPassword(words, { onion, channel, curve });
  const dialling = access.dialStream({ signal: until, isolation: FIRST_ISOLATION });
  const dialledAt = performance.now();
  const root = deferred<Uint8Array>();
  for (const promise of [stretching, dialling, root.promise]) promise.catch(() => undefined);
  try {
    const offer = await takeOffer(options);
    const { uuid } = offer;
    // A connection that has waited for its turn may be closed by now.
    const ahead = performance.now() - dialledAt < AHEAD_MAX_MS ? dialling : undefined;
    const place = { access, channel, uuid, role: 'recipient', establishMs } as const;
    // Says hello now, and waits for the root: the sender may write as soon as it has consented.
    const first = openStream({ ...place, ahead, root: root.promise, signal: until }, 0);
    first.catch(() => undefined);
    const keys = await prove(options, offer, await stretching);
    options.onPeer?.('authenticated');
    root.resolve(keys.stream);
    return {
      channel,
      keys,
      openStream: (number, call) =>
        number === 0
          ? untilAborted(first, call?.signal)
          : openStream({ ...place, root: root.promise, ...call }, number),
      abandon: async () => {
        ending.abort(new OnionferryError('ERR_INTERRUPTED', 'the meeting was abandoned'));
        await leave(access, { channel, uuid, close: true });
      },
    };
  } catch (error) {
    const failure = asOnionferryError(error, 'ERR_INTERNAL', 'the meeting failed');
    root.reject(failure);
    ending.abort(failure);
    dialling.then(
      (dialled) => dialled.destroy(),
      () => undefined,
    );
    throw error;
  }
}

interface Offer {
  readonly uuid: ParticipantId;
  readonly attempt: number;
  readonly x: Uint8Array;
  readonly revision: number;
}

/** Joins until an X is there. Nothing of the words is at stake before Y, so this may be repeated. */
async function takeOffer(options: RecipientMeetingOptions): Promise<Offer> {
  const { signal } = options;
  let told: string | undefined;
  const giveUpAt = performance.now() + (options.turnDeadlineMs ?? TURN_DEADLINE_MS);
  for (;;) {
    try {
      return await joinOnce(options, giveUpAt);
    } catch (error) {
      const mayPass = hasCode(
        error,
        'ERR_CHANNEL_MISSING',
        'ERR_CHANNEL_FULL',
        'ERR_ATTEMPT_ENDED',
        'ERR_CHANNEL_CLOSED',
        'ERR_RELAY_BUSY',
      );
      if (!mayPass || performance.now() > giveUpAt) throw error;
      const reason = hasCode(error, 'ERR_CHANNEL_FULL')
        ? 'the sender is serving somebody else'
        : 'the sender is not ready yet';
      if (reason !== told) options.onWaiting?.(reason);
      told = reason;
      await sleep(TURN_PAUSE_MS, signal);
    }
  }
}

async function joinOnce(
  { access, channel, curve, signal, waitMs = WAIT_MAX_MS }: RecipientMeetingOptions,
  giveUpAt: number,
): Promise<Offer> {
  const call = signal === undefined ? {} : { signal };
  const nonce = toBase64Url(randomBytes(16));
  const joined = await access.join({ role: 'recipient', channel, curve, nonce }, call);
  if (joined.curve !== curve) {
    throw new OnionferryError(
      'ERR_CURVE',
      `the sender uses the curve ${joined.curve}; if it told you so, say --curve ${joined.curve}`,
    );
  }
  const { uuid } = joined;
  let state = recipientState(joined.state);
  while (state.x === undefined || state.attempt === undefined) {
    const { revision } = state;
    const request = { channel, uuid, since: revision, wait: waitMs };
    state = recipientState(await access.channel(request, call));
    if (state.revision !== revision) continue;
    if (performance.now() > giveUpAt) throw noOffer();
    await sleep(TURN_PAUSE_MS, signal);
  }
  const x = fromBase64Url(state.x);
  if (x === undefined) throw new OnionferryError('ERR_PROTOCOL', 'the relay sent a broken offer');
  return { uuid, attempt: state.attempt, x, revision: state.revision };
}

async function prove(
  { access, onion, channel, curve, signal, waitMs = WAIT_MAX_MS }: RecipientMeetingOptions,
  { uuid, attempt, x, revision }: Offer,
  secret: PakeSecret,
): Promise<SessionKeys> {
  const call = signal === undefined ? {} : { signal };
  const { y, keys } = answerExchange(secret, { onion, channel, curve }, x);
  try {
    const answer = { y: toBase64Url(y), hh_k: toBase64Url(keys.confirmationHash) };
    const request = { channel, uuid, attempt, since: revision, wait: waitMs };
    let state = recipientState(await access.channel({ ...request, ...answer }, call));
    while (state.h_k === undefined) {
      state = recipientState(await access.channel({ ...request, since: state.revision }, call));
    }
    const confirmation = fromBase64Url(state.h_k);
    if (confirmation !== undefined && equalBytes(confirmation, keys.confirmation)) return keys;
  } catch (error) {
    // Whatever ended the attempt: to the one who guessed it looks like a wrong password.
    if (!hasCode(error, 'ERR_ATTEMPT_ENDED')) throw error;
    throw wrongPassword(error);
  }
  // A relay that plays the sender without knowing the words.
  await leave(access, { channel, uuid, attempt, close: true });
  throw wrongPassword();
}

function noOffer(): OnionferryError {
  return new OnionferryError(
    'ERR_CHANNEL_FULL',
    'the sender has no time for another recipient now; try again later',
  );
}

function wrongPassword(cause?: unknown): OnionferryError {
  return new OnionferryError(
    'ERR_PASSWORD',
    'the password is not the right one; check it with the sender and try again',
    { cause },
  );
}

function recipientState(state: JoinReply['state']): RecipientState {
  if (state.role === 'recipient') return state;
  throw new OnionferryError('ERR_PROTOCOL', 'the relay answered as if to somebody else; try again');
}
