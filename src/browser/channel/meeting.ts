import { deadline, untilAborted } from '../../base/deadline.js';
import { deferred } from '../../base/deferred.js';
import { asOnionferryError, OnionferryError } from '../../base/errors.js';
import type { SessionKeys } from '../../pake/key-schedule.js';
import type { PakeSecret } from '../../pake/stretch.js';
import type { ParticipantId } from '../../relay-protocol/wire.js';
import { joinChannel } from '../../session/meeting/join-channel.js';
import { leave } from '../../session/meeting/leave.js';
import { type ProofOptions, prove } from '../../session/meeting/prove.js';
import { SenderParticipant } from '../../session/meeting/sender-participant.js';
import { SenderWait, type WaitingOptions } from '../../session/meeting/sender-wait.js';
import { SecureStream } from '../stream/secure-stream.js';
import type { PageRelay } from './page-relay.js';

/** From both sides' consent to the other side's first byte: a new circuit, and its slowness. */
const ESTABLISH_MS = 30_000;

/** Two who have proved to each other that they know the same words, or have met before. */
export interface PageMeeting {
  readonly keys: SessionKeys;
  /** Opens the stream of a number that neither side has used in this meeting. */
  openStream(number: number, signal: AbortSignal): Promise<SecureStream>;
  /** Tells the relay that this side leaves. Never throws. */
  leave(): Promise<void>;
}

export interface AnsweringOptions extends Omit<ProofOptions, 'access'> {
  readonly relay: PageRelay;
  /** What only the sender knows as well. */
  readonly secret: Promise<PakeSecret>;
}

/** Joins a channel as the recipient, and proves the secret once. */
export async function meetSender(options: AnsweringOptions): Promise<PageMeeting> {
  const { relay, channel, signal, secret } = options;
  secret.catch(() => undefined);
  const root = deferred<Uint8Array>();
  root.promise.catch(() => undefined);
  const offer = await joinChannel({ ...options, access: relay });
  const { uuid } = offer;
  const place = { relay, channel, uuid, role: 'recipient', root: root.promise } as const;
  const giveUp = new AbortController();
  const until = AbortSignal.any([giveUp.signal, ...(signal === undefined ? [] : [signal])]);
  // Opened while the two prove themselves, so that no round trip is spent on it.
  const first = open(place, 0, until);
  first.catch(() => undefined);
  try {
    const keys = await prove({ ...options, access: relay }, offer, await secret);
    root.resolve(keys.stream);
    return {
      keys,
      openStream: (number, during) =>
        number === 0 ? untilAborted(first, during) : open(place, number, during),
      leave: () => leave(relay, { channel, uuid, close: true }),
    };
  } catch (error) {
    const failure = asOnionferryError(error, 'ERR_INTERNAL', 'the meeting failed');
    root.reject(failure);
    giveUp.abort(failure);
    throw error;
  }
}

export interface WaitOptions extends Omit<WaitingOptions, 'access'> {
  readonly relay: PageRelay;
  readonly secret: Promise<PakeSecret>;
  /** The channel is open: whoever knows the secret may come. */
  readonly onOpen?: () => void;
}

/** Opens a channel and waits in it for a recipient who knows the secret, however often others come. */
export async function meetRecipient(
  options: WaitOptions,
  signal: AbortSignal,
): Promise<PageMeeting> {
  const { relay, channel } = options;
  const access = { ...options, access: relay };
  const place = new SenderParticipant(access);
  if (options.nonce === undefined) await place.take({ signal });
  else await place.takeAnew({ signal });
  try {
    const secret = await options.secret;
    options.onOpen?.();
    const keys = await new SenderWait(access, place, secret).meet({ signal });
    const root = Promise.resolve(keys.stream);
    const where = { relay, channel, uuid: place.uuid, role: 'sender', root } as const;
    return {
      keys,
      openStream: (number, during) => open(where, number, during),
      leave: () => place.leave(),
    };
  } catch (error) {
    await place.leave();
    throw error;
  }
}

interface StreamAddress {
  readonly relay: PageRelay;
  readonly channel: string;
  readonly uuid: ParticipantId;
  readonly role: 'sender' | 'recipient';
  readonly root: Promise<Uint8Array>;
}

async function open(
  { relay, channel, uuid, role, root }: StreamAddress,
  stream: number,
  signal: AbortSignal,
): Promise<SecureStream> {
  const bytes = relay.openStream({ channel, uuid, stream });
  try {
    const secure = new SecureStream({ bytes, role, root, stream });
    // Until then the other side cannot say anything, however long a person takes.
    await untilAborted(root, signal);
    const tooLong = (): OnionferryError =>
      new OnionferryError('ERR_PEER_GONE', 'the other side did not come; try again');
    using limit = deadline(ESTABLISH_MS, tooLong, signal);
    await untilAborted(secure.established(), limit.signal);
    return secure;
  } catch (error) {
    bytes.close();
    throw error;
  }
}
