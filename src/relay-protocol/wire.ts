import * as v from 'valibot';
import type { Brand } from '../base/brand.js';
import { fromBase64Url } from '../base/bytes.js';
import type { OnionAddress } from '../onion/address.js';
import { CURVE_NAMES, type CurveName } from '../pake/curves/curve-name.js';
import { onionAddressSchema } from './elsewhere.js';

/** The onion's virtual port for `/join`, `/channel` and pages. */
export const HTTP_PORT = 80;

/** The onion's virtual port for stapled streams. */
export const STREAM_PORT = 81;

/** Basic auth needs a user name; only the password is a secret. */
export const RELAY_USER = 'ferry';

/** A request waits for a change at most this long: a Tor stream idle for longer may be cut. */
export const WAIT_MAX_MS = 50_000;

/** A channel name in characters; generated ones are far shorter. */
export const CHANNEL_NAME_MAX = 128;

/** x and y in base64url characters: the largest point is P-521's, 133 bytes or 178 characters. */
export const SHARE_MAX = 192;

/** A SHA-256 value in base64url characters. */
const HASH_LENGTH = 43;

/** A nonce in base64url characters: 16 bytes at least, so that nobody else can repeat a join. */
const NONCE_MIN = 22;
const NONCE_MAX = 86;

/** A hello, and its answer, in bytes. */
export const STREAM_LINE_MAX_BYTES = 1024;

/** Where a page opens streams, on HTTP_PORT, by WebSocket. */
export const WEB_SOCKET_PATH = '/stream';

/** One message to a WebSocket stream in bytes: it is held whole, even before a client has authenticated. */
export const WEB_SOCKET_MESSAGE_MAX_BYTES: number = 64 * 1024;

/** One more than the highest stream number of a session. */
export const STREAM_NUMBERS = 4096;

export type Role = 'sender' | 'recipient';

/** The uuid that names a participant, known to it and the relay alone: it is what proves who it is. */
export type ParticipantId = Brand<string, 'ParticipantId'>;

/** `POST /join`. Repeated with the same nonce it returns the same uuid. */
export interface JoinRequest {
  readonly role: Role;
  /** base64url of at least 16 random bytes, fresh for each join and kept for its repeats */
  readonly nonce: string;
  /** Without one a sender gets a random name; a recipient must name it. */
  readonly channel?: string;
  /** A sender sets the channel's curve (default p256); a recipient may insist on one. */
  readonly curve?: CurveName;
}

export interface JoinReply {
  readonly channel: string;
  readonly uuid: ParticipantId;
  readonly curve: CurveName;
  readonly state: ChannelState;
  /** The backend's own address, where everything else about this channel is asked; default here */
  readonly home?: OnionAddress;
}

/**
 * `POST /channel`: at most one write (x, y with hh_k, h_k or close), then the state. The same
 * request serves a pair, whose participants it names by their uuids.
 *
 * An identical repeat of a write changes nothing. Binary fields are base64url without padding.
 */
export interface ChannelRequest {
  readonly channel: string;
  readonly uuid: ParticipantId;
  /** The sender names one with x and h_k, and with close when it ends only that attempt. */
  readonly attempt?: number;
  /** sender: posts an attempt under a number never used before in this channel */
  readonly x?: string;
  /** recipient, together with `hh_k` */
  readonly y?: string;
  readonly hh_k?: string;
  /** sender: confirms the attempt if SHA-256(h_k) = hh_k, ends it otherwise */
  readonly h_k?: string;
  /** sender, alone or with h_k or close: whether it lets nobody else in, as it is serving somebody */
  readonly busy?: boolean;
  readonly close?: true;
  /** The revision already known; 0, the one a participant starts with, if left out. */
  readonly since?: number;
  /** Milliseconds to wait for a revision past `since` */
  readonly wait?: number;
}

export type AttemptPhase = 'posted' | 'joined' | 'answered' | 'confirmed';

/** An attempt as its sender sees it. One that has ended is missing from the list. */
export interface SenderAttempt {
  readonly attempt: number;
  readonly phase: AttemptPhase;
  /** Only when `answered` */
  readonly y?: string;
  readonly hh_k?: string;
  /** Only when `confirmed`: the sender's own uuid in the pair */
  readonly participant?: ParticipantId;
}

export interface SenderState {
  readonly role: 'sender';
  /** Grows whenever somebody else changes what this participant sees; starts at 0. */
  readonly revision: number;
  readonly attempts: readonly SenderAttempt[];
  /** Whether two streams of this participant's pair have been joined; false in a channel */
  readonly stapled: boolean;
}

export interface RecipientState {
  readonly role: 'recipient';
  /** Grows whenever somebody else changes what this participant sees; starts at 0. */
  readonly revision: number;
  /** `waiting`: no attempt is posted yet. `ended` appears only in the reply to a close. */
  readonly phase: 'waiting' | 'joined' | 'answered' | 'confirmed' | 'ended';
  /** Missing while `waiting` */
  readonly attempt?: number;
  readonly x?: string;
  /** Only when `confirmed` */
  readonly h_k?: string;
  readonly stapled: boolean;
}

/** What one participant may see of its channel or pair. No uuid of somebody else is part of it. */
export type ChannelState = SenderState | RecipientState;

/** The first line a client writes on the stream port, as JSON with a line feed. */
export interface StreamHello {
  readonly channel: string;
  readonly uuid: ParticipantId;
  readonly stream: number;
  /** As in the HTTP header: `Basic …` */
  readonly authorization: string;
}

/**
 * The first message of a WebSocket stream, as JSON text. Browsers may send no Basic auth with it:
 * a participant that knows its uuid has authenticated at `/join`. The answer, and everything after
 * it, is as on the stream port.
 */
export type WebSocketHello = Omit<StreamHello, 'authorization'>;

const participantId: v.GenericSchema<unknown, ParticipantId> = v.pipe(
  v.string(),
  v.regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
  // The one place where text becomes a ParticipantId.
  v.transform((text) => text as ParticipantId),
);

const channelName: v.GenericSchema<unknown, string> = v.pipe(
  v.string(),
  v.maxLength(CHANNEL_NAME_MAX),
  v.regex(/^[\p{L}\p{N}]+(-[\p{L}\p{N}]+)*$/u),
);

const count: v.GenericSchema<unknown, number> = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const attemptNumber: v.GenericSchema<unknown, number> = v.pipe(
  v.number(),
  v.safeInteger(),
  v.minValue(1),
);
const curveName: v.GenericSchema<unknown, CurveName> = v.picklist(CURVE_NAMES);
const share: v.GenericSchema<unknown, string> = base64Url(1, SHARE_MAX);
const hash: v.GenericSchema<unknown, string> = base64Url(HASH_LENGTH, HASH_LENGTH);

function base64Url(minimum: number, maximum: number): v.GenericSchema<unknown, string> {
  return v.pipe(
    v.string(),
    v.minLength(minimum),
    v.maxLength(maximum),
    v.check((text) => fromBase64Url(text) !== undefined),
  );
}

export const joinRequestSchema: v.GenericSchema<unknown, JoinRequest> = v.pipe(
  v.strictObject({
    role: v.picklist(['sender', 'recipient']),
    nonce: base64Url(NONCE_MIN, NONCE_MAX),
    channel: v.exactOptional(channelName),
    curve: v.exactOptional(curveName),
  }),
  v.check((request) => request.role === 'sender' || request.channel !== undefined),
);

export const channelRequestSchema: v.GenericSchema<unknown, ChannelRequest> = v.pipe(
  v.strictObject({
    channel: channelName,
    uuid: participantId,
    attempt: v.exactOptional(attemptNumber),
    x: v.exactOptional(share),
    y: v.exactOptional(share),
    hh_k: v.exactOptional(hash),
    h_k: v.exactOptional(hash),
    busy: v.exactOptional(v.boolean()),
    close: v.exactOptional(v.literal(true)),
    since: v.exactOptional(count),
    wait: v.exactOptional(v.pipe(count, v.maxValue(WAIT_MAX_MS))),
  }),
  v.check(({ y, hh_k }) => (y === undefined) === (hh_k === undefined)),
  v.check(({ x, y, h_k, close }) => [x, y, h_k, close].filter(isPresent).length <= 1),
  v.check(({ busy, x, y }) => busy === undefined || (x === undefined && y === undefined)),
  v.check(({ x, h_k, attempt }) => attempt !== undefined || (x === undefined && h_k === undefined)),
);

function isPresent(value: unknown): boolean {
  return value !== undefined;
}

const senderStateSchema = v.strictObject({
  role: v.literal('sender'),
  revision: count,
  attempts: v.array(
    v.strictObject({
      attempt: attemptNumber,
      phase: v.picklist(['posted', 'joined', 'answered', 'confirmed']),
      y: v.exactOptional(share),
      hh_k: v.exactOptional(hash),
      participant: v.exactOptional(participantId),
    }),
  ),
  stapled: v.boolean(),
});

const recipientStateSchema = v.strictObject({
  role: v.literal('recipient'),
  revision: count,
  phase: v.picklist(['waiting', 'joined', 'answered', 'confirmed', 'ended']),
  attempt: v.exactOptional(attemptNumber),
  x: v.exactOptional(share),
  h_k: v.exactOptional(hash),
  stapled: v.boolean(),
});

export const channelStateSchema: v.GenericSchema<unknown, ChannelState> = v.variant('role', [
  senderStateSchema,
  recipientStateSchema,
]);

export const joinReplySchema: v.GenericSchema<unknown, JoinReply> = v.strictObject({
  channel: channelName,
  uuid: participantId,
  curve: curveName,
  state: channelStateSchema,
  home: v.exactOptional(onionAddressSchema),
});

const streamAddress = {
  channel: channelName,
  uuid: participantId,
  stream: v.pipe(count, v.maxValue(STREAM_NUMBERS - 1)),
};

export const streamHelloSchema: v.GenericSchema<unknown, StreamHello> = v.strictObject({
  ...streamAddress,
  authorization: v.string(),
});

export const webSocketHelloSchema: v.GenericSchema<unknown, WebSocketHello> =
  v.strictObject(streamAddress);
