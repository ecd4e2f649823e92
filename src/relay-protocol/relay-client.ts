import type { ByteChannel } from '../stream/byte-channel.js';
import type {
  ChannelRequest,
  ChannelState,
  JoinReply,
  JoinRequest,
  ParticipantId,
} from './wire.js';

export interface RequestOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * What a participant asks of a relay.
 *
 * Every refusal is an OnionferryError:
 * ERR_PASSWORD (the access words), ERR_CHANNEL_MISSING, ERR_CHANNEL_TAKEN, ERR_CHANNEL_FULL
 * (the sender serves somebody else), ERR_CHANNEL_CLOSED (it ended while this request was waiting), ERR_ATTEMPT_ENDED (this
 * participant's attempt is over, or the one that the sender named; the reason is never told),
 * ERR_CURVE, ERR_RELAY_BUSY, ERR_PROTOCOL. Over HTTP also ERR_RELAY when no reply could be had.
 */
export interface RelayRequests {
  join(request: JoinRequest, options?: RequestOptions): Promise<JoinReply>;
  channel(request: ChannelRequest, options?: RequestOptions): Promise<ChannelState>;
}

/** A relay as its participants use it: over Tor, in the sender's own process, or from a page. */
export interface RelayClient extends RelayRequests, AsyncDisposable {
  /** Connects and says nothing yet. `isolation` names a Tor circuit; without it a fresh one. */
  dialStream(options?: StreamDial): Promise<DialledStream>;
  /**
   * Connects and says with the first bytes which stream it is, which saves a round trip. If that
   * fails, nobody knows whether the relay has heard it; its number may be spent then.
   */
  openStream(address: StreamAddress, options?: StreamDial): Promise<RelayStream>;
  /** Ends running requests with ERR_INTERRUPTED; channels are left as they are. */
  close(): Promise<void>;
}

export interface StreamDial extends RequestOptions {
  readonly isolation?: string | undefined;
}

export interface DialledStream {
  /** Says once, without waiting, which stream of which participant this is. */
  hello(address: StreamAddress): RelayStream;
  destroy(): void;
}

export interface StreamAddress {
  readonly channel: string;
  readonly uuid: ParticipantId;
  /** 0 … STREAM_NUMBERS - 1, each used once in a session by each side */
  readonly stream: number;
}

export interface RelayStream {
  /**
   * Over HTTP it is there at once, and its first read waits until both sides are joined. In the
   * relay's own process it is there when they are. Rejects with the relay's refusal.
   */
  readonly channel: Promise<ByteChannel>;
  /** Gives the stream up, before as well as after it is joined. */
  destroy(): void;
}
