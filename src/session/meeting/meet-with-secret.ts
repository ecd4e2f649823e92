import { untilAborted } from '../../base/deadline.js';
import { deferred } from '../../base/deferred.js';
import { asOnionferryError, OnionferryError } from '../../base/errors.js';
import type { PakeSecret } from '../../pake/stretch.js';
import type { RelayClient } from '../../relay-protocol/relay-client.js';
import { CIRCUITS_NEAR_MAX, CIRCUITS_START, SLOW_DIAL_MS } from '../receiving/circuit-count.js';
import { newCircuitNames } from './circuit-names.js';
import { DialledAhead } from './dialled-ahead.js';
import { joinChannel } from './join-channel.js';
import { leave } from './leave.js';
import type { Meeting, PeerState } from './meeting.js';
import { openStream } from './open-stream.js';
import { type ProofOptions, prove } from './prove.js';

/**
 * How long the others wait for the circuit of the requests, so that it gets what tor keeps ready at
 * both ends: with eight at once the first byte comes half a second later on slow links.
 */
const HEAD_START_MS = 300;
/** Where no circuit is there by then, the way is no short one. */
const NOT_SHORT_MS = 500;

export interface SecretMeetingOptions extends ProofOptions {
  readonly access: RelayClient;
  /** What only the sender knows as well. */
  readonly secret: Promise<PakeSecret>;
  readonly establishMs?: number | undefined;
  /** How many streams are dialled ahead; default CIRCUITS_START, 1 is stream 0 alone. */
  readonly ahead?: number | undefined;
  /** The same where the way is long; for who knows that there is much to carry. */
  readonly aheadFar?: number | undefined;
  /** How long each of them waits to be opened, at most; default 5 s. The relay waits for 10 s. */
  readonly aheadMs?: number | undefined;
  /** When those beyond stream 0 are dialled: with the join, or only once that has found a sender. */
  readonly aheadWhen: 'joining' | 'joined';
  readonly onPeer?: (state: PeerState) => void;
}

/** Joins a channel as the recipient, and proves the secret once. */
export async function meetWithSecret(options: SecretMeetingOptions): Promise<Meeting> {
  const { access, channel, signal, establishMs, secret } = options;
  const ending = new AbortController();
  const until = AbortSignal.any([ending.signal, ...(signal === undefined ? [] : [signal])]);
  const circuits = newCircuitNames();
  const ahead = new DialledAhead({ access, circuits, maxMs: options.aheadMs });
  const { ahead: few = CIRCUITS_START, aheadFar: many = few } = options;
  const dialOthers = (afterMs = 0): void => {
    for (let number = 1; number < few; number++) ahead.dial(number, afterMs);
    if (many === few) return;
    ahead.dialIfSlow(few, Math.min(many, CIRCUITS_NEAR_MAX), NOT_SHORT_MS);
    ahead.dialIfSlow(CIRCUITS_NEAR_MAX, many, SLOW_DIAL_MS);
  };
  const root = deferred<Uint8Array>();
  for (const promise of [secret, root.promise]) promise.catch(() => undefined);
  try {
    until.throwIfAborted();
    // Runs while the channel is joined, as the stretching does: no round trip is spent on them.
    ahead.dial(0);
    if (options.aheadWhen === 'joining') dialOthers(HEAD_START_MS);
    const offer = await joinChannel(options);
    if (options.aheadWhen === 'joined') dialOthers();
    const { uuid } = offer;
    const place = {
      access,
      circuits,
      ahead,
      channel,
      uuid,
      role: 'recipient',
      establishMs,
    } as const;
    // Says hello now, and waits for the root: the sender may write as soon as it has consented.
    // The others may not: relays allow few streams of somebody who has proved nothing yet.
    const first = openStream({ ...place, root: root.promise, signal: until }, 0);
    first.catch(() => undefined);
    const keys = await prove(options, offer, await secret);
    options.onPeer?.('authenticated');
    root.resolve(keys.stream);
    let isFirstTaken = false;
    return {
      channel,
      keys,
      get dialMs(): number | undefined {
        return ahead.dialMs;
      },
      openStream: (number, call) => {
        if (number !== 0) return openStream({ ...place, root: root.promise, ...call }, number);
        isFirstTaken = true;
        return untilAborted(first, call?.signal);
      },
      releaseAhead: () => ahead.release(),
      abandon: async () => {
        ending.abort(new OnionferryError('ERR_INTERRUPTED', 'the meeting was abandoned'));
        ahead.release();
        if (!isFirstTaken) first.then((stream) => stream.destroy()).catch(() => undefined);
        await leave(access, { channel, uuid, close: true });
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
