import { untilAborted } from '../../base/deadline.js';
import { deferred } from '../../base/deferred.js';
import { asOnionferryError, OnionferryError } from '../../base/errors.js';
import type { OnionAddress } from '../../onion/address.js';
import type { CurveName } from '../../pake/curves/curve-name.js';
import { type PakeSecret, stretchPassword } from '../../pake/stretch.js';
import type { RelayClient } from '../../relay-protocol/relay-client.js';
import { SLOW_DIAL_MS } from '../circuits/circuit-count.js';
import { newCircuitNames } from '../circuits/circuit-names.js';
import { DialledAhead } from '../circuits/dialled-ahead.js';
import { CIRCUITS_NEAR_MAX, CIRCUITS_START } from '../circuits/trials.js';
import type { Primitives } from '../conversation/primitives.js';
import { type JoinOptions, joinChannel } from './join-channel.js';
import { leave } from './leave.js';
import type { Meeting, PeerState } from './meeting.js';
import { openStream } from './open-stream.js';
import { type ProofOptions, prove } from './prove.js';

/**
 * How long the others wait for the circuit of the requests, so that it gets what tor keeps ready at
 * both ends: with eight at once the first byte comes half a second later on slow links.
 */
const HEAD_START_MS = 300;
/** If there is no circuit by then, the way is a long one. */
const NOT_SHORT_MS = 500;

export interface SecretMeetingOptions extends JoinOptions, ProofOptions {
  readonly relay: RelayClient;
  readonly primitives: Primitives;
  readonly onion: OnionAddress;
  readonly channel: string;
  readonly curve: CurveName;
  /** What only the sender knows as well. */
  readonly secret: Promise<PakeSecret>;
  readonly establishMs?: number | undefined;
  /** How many streams are dialled ahead; default CIRCUITS_START, 1 is stream 0 alone. */
  readonly ahead?: number | undefined;
  /** The same over a long way, if it is known that there is much to carry. */
  readonly aheadFar?: number | undefined;
  /** How long each of them waits to be opened, at most; default 5 s. The relay waits for 10 s. */
  readonly aheadMs?: number | undefined;
  /** When those beyond stream 0 are dialled: with the join, or only once that has found a sender. */
  readonly aheadWhen: 'joining' | 'joined';
  readonly onPeer?: ((state: PeerState) => void) | undefined;
}

/** Joins a channel as the recipient, and proves the secret once. */
export async function meetWithSecret(options: SecretMeetingOptions): Promise<Meeting> {
  const { relay, primitives, channel, signal, establishMs, secret } = options;
  const ending = new AbortController();
  const until = AbortSignal.any([ending.signal, ...(signal === undefined ? [] : [signal])]);
  const circuits = newCircuitNames();
  const ahead = new DialledAhead({ relay, circuits, maxMs: options.aheadMs });
  const { ahead: few = CIRCUITS_START, aheadFar: many = few } = options;
  const dialOthers = (afterMs = 0): void => {
    for (let number = 1; number < few; number++) ahead.dial(number, afterMs);
    if (many === few) return;
    ahead.dialIfSlow(few, Math.min(many, CIRCUITS_NEAR_MAX), NOT_SHORT_MS);
    ahead.dialIfSlow(CIRCUITS_NEAR_MAX, many, SLOW_DIAL_MS);
  };
  const root = deferred<Uint8Array>();
  // Both are awaited only once a sender was found.
  for (const promise of [secret, root.promise]) promise.catch(() => undefined);
  try {
    until.throwIfAborted();
    // Runs while the channel is joined, as the stretching does: no round trip is spent on them.
    ahead.dial(0);
    if (options.aheadWhen === 'joining') dialOthers(HEAD_START_MS);
    const joined = await joinChannel(options);
    if (options.aheadWhen === 'joined') dialOthers();
    const { uuid } = joined;
    const own = {
      ...{ relay, primitives, circuits, ahead, channel, uuid, establishMs },
      role: 'recipient',
    } as const;
    // Says hello now, and waits for the root: the sender may write as soon as it has consented.
    // The others may not: relays allow few streams to an unconfirmed participant.
    const first = openStream({ ...own, root: root.promise, signal: until }, 0);
    // Thrown where stream 0 is opened.
    first.catch(() => undefined);
    const keys = await prove(options, joined, await secret);
    options.onPeer?.('authenticated');
    root.resolve(keys.stream);
    let isFirstTaken = false;
    return {
      channel,
      keys,
      hasAgreed: options.agrees === true,
      get dialMs(): number | undefined {
        return ahead.dialMs;
      },
      openStream: (number, call) => {
        if (number !== 0) return openStream({ ...own, root: root.promise, ...call }, number);
        isFirstTaken = true;
        return untilAborted(first, call?.signal);
      },
      releaseAhead: () => ahead.release(),
      abandon: async () => {
        ending.abort(new OnionferryError('ERR_INTERRUPTED', 'the meeting was abandoned'));
        ahead.release();
        // One that was never there needs no end.
        if (!isFirstTaken) first.then((stream) => stream.destroy()).catch(() => undefined);
        await leave(relay, { channel, uuid, close: true });
      },
    };
  } catch (error) {
    const failure = asOnionferryError(error, 'ERR_INTERNAL', 'the meeting failed');
    root.reject(failure);
    ending.abort(failure);
    ahead.release();
    throw error;
  }
}

export interface RecipientMeetingOptions
  extends Omit<SecretMeetingOptions, 'secret' | 'wrong' | 'aheadWhen'> {
  /** The password's words behind the access words. */
  readonly words: string;
}

/**
 * Joins a channel and proves the words, once: a wrong guess is never repeated by itself.
 *
 * @throws OnionferryError ERR_PASSWORD if the words (or the access words) are wrong, ERR_CHANNEL_MISSING,
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
