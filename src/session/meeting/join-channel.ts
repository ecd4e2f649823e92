import { fromBase64Url, randomBytes, toBase64Url } from '../../base/bytes.js';
import { sleep } from '../../base/deadline.js';
import { hasCode, hasCourse, OnionferryError } from '../../base/errors.js';
import type { CurveName } from '../../pake/curves/curve-name.js';
import type { RelayRequests } from '../../relay-protocol/relay-client.js';
import {
  type JoinReply,
  type ParticipantId,
  type RecipientState,
  WAIT_MAX_MS,
} from '../../relay-protocol/wire.js';

/** How long a recipient waits for its turn: the sender is being started, or all places are taken. */
const TURN_DEADLINE_MS = 60_000;
const TURN_PAUSE_MS = 1_000;
/** Grows up to this: relays stop answering a circuit that asks ten times for a channel that is not there. */
const TURN_PAUSE_MAX_MS = 15_000;

export interface JoinOptions {
  readonly relay: RelayRequests;
  readonly channel: string;
  /** The one curve that is accepted: as named by the invitation or the user. */
  readonly curve: CurveName;
  readonly signal?: AbortSignal | undefined;
  /** For each request that waits; default WAIT_MAX_MS. */
  readonly waitMs?: number | undefined;
  /** For its turn at a channel that is missing or crowded. */
  readonly turnDeadlineMs?: number | undefined;
  /** What it waits for, a phrase; told once for each reason. */
  readonly onWaiting?: ((reason: string) => void) | undefined;
}

/** A recipient's attempt in a channel, with the sender's share. */
export interface JoinedAttempt {
  readonly uuid: ParticipantId;
  readonly attempt: number;
  /** The sender's SPAKE2 share, X. */
  readonly x: Uint8Array;
  readonly revision: number;
}

/**
 * Joins until an X is there. Nothing of the words is at stake before Y, so this may be repeated.
 *
 * @throws OnionferryError ERR_CHANNEL_MISSING, ERR_RELAY_BUSY, … when its turn does not come;
 *   ERR_CHANNEL_FULL at once if somebody else is receiving; ERR_CURVE, ERR_PASSWORD (the access words)
 */
export async function joinChannel(options: JoinOptions): Promise<JoinedAttempt> {
  const { signal } = options;
  let isTold = false;
  const giveUpAt = performance.now() + (options.turnDeadlineMs ?? TURN_DEADLINE_MS);
  for (let pause = TURN_PAUSE_MS; ; pause = Math.min(2 * pause, TURN_PAUSE_MAX_MS)) {
    try {
      return await joinOnce(options, giveUpAt);
    } catch (error) {
      // Somebody else is receiving, which may take hours.
      if (hasCode(error, 'ERR_CHANNEL_FULL')) throw error;
      const mayPass = hasCourse(error, 'channel-gone') || hasCode(error, 'ERR_RELAY_BUSY');
      if (!mayPass || performance.now() >= giveUpAt) throw error;
      if (!isTold) options.onWaiting?.('the sender is not ready yet');
      isTold = true;
      await sleep(pause, signal);
    }
  }
}

async function joinOnce(
  { relay, channel, curve, signal, waitMs = WAIT_MAX_MS }: JoinOptions,
  giveUpAt: number,
): Promise<JoinedAttempt> {
  const nonce = toBase64Url(randomBytes(16));
  const joined = await relay.join({ role: 'recipient', channel, curve, nonce }, { signal });
  if (joined.curve !== curve) {
    throw new OnionferryError(
      'ERR_CURVE',
      `the relay says that the sender uses the curve ${joined.curve}; ask the sender, and use --curve ${joined.curve} only if it says so too`,
    );
  }
  const { uuid } = joined;
  let state = recipientState(joined.state);
  while (state.x === undefined || state.attempt === undefined) {
    const { revision } = state;
    const request = { channel, uuid, since: revision, wait: waitMs };
    state = recipientState(await relay.channel(request, { signal }));
    if (state.x !== undefined) continue;
    // Whatever the relay says has changed meanwhile.
    if (performance.now() >= giveUpAt) throw noAttempt();
    await sleep(TURN_PAUSE_MS, signal);
  }
  const x = fromBase64Url(state.x);
  if (x === undefined) throw new OnionferryError('ERR_PROTOCOL', 'the relay sent a broken share');
  return { uuid, attempt: state.attempt, x, revision: state.revision };
}

export function recipientState(state: JoinReply['state']): RecipientState {
  if (state.role === 'recipient') return state;
  throw new OnionferryError('ERR_PROTOCOL', 'the relay answered as if to somebody else; try again');
}

function noAttempt(): OnionferryError {
  return new OnionferryError(
    'ERR_RELAY_BUSY',
    'the sender has no time for another recipient now; try again later',
  );
}
