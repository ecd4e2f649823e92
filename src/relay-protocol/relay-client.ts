import type { Duplex } from 'node:stream';
import type { RelayRequests } from './relay-requests.js';
import type { ParticipantId } from './wire.js';

/** A relay as its participants use it, the same over Tor and inside the sender's own process. */
export interface RelayClient extends RelayRequests, AsyncDisposable {
  /** Connects and says nothing yet. `isolation` is a Tor circuit of its own; without one a fresh one. */
  dialStream(options?: StreamDial): Promise<DialledStream>;
  /**
   * Connects and says with the first bytes which stream it is, which saves a round trip. If that
   * fails, nobody knows whether the relay has heard it; its number may be spent then.
   */
  openStream(where: StreamAddress, options?: StreamDial): Promise<RelayStream>;
  /** Ends what is under way here with ERR_INTERRUPTED; channels are left as they are. */
  close(): Promise<void>;
}

export interface StreamDial {
  readonly signal?: AbortSignal;
  readonly isolation?: string;
}

export interface DialledStream {
  /** Says once, without waiting, which stream of which participant this is. */
  hello(where: StreamAddress): RelayStream;
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
   * Over HTTP it is there at once and may be written to at once, but is not to be read before
   * `answered`. In the relay's own process it is the other side's socket, there when stapled.
   */
  readonly duplex: Promise<Duplex>;
  /** Resolves when both sides are joined; rejects with the relay's reason or when the stream ends. */
  readonly answered: Promise<void>;
  /** Gives the stream up, before as well as after it is joined. */
  destroy(): void;
}
