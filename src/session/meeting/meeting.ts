import type { SessionKeys } from '../../pake/key-schedule.js';
import type { SecureStream } from '../conversation/secure-stream.js';

/** What participants of a channel do, as seen by the other side. */
export type PeerState = 'joined' | 'authenticated' | 'rejected' | 'left';

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Two sides that have proved to each other that they know the same words, or have met before. */
export interface Meeting {
  readonly channel: string;
  readonly keys: SessionKeys;
  /** Whether the recipient takes whatever is offered: content may follow the offer at once. */
  readonly hasAgreed: boolean;
  /** How long a circuit took to dial, in milliseconds; undefined for the side that is dialled. */
  readonly dialMs: number | undefined;
  /**
   * Opens the stream of a number that neither side has used in this meeting, through a circuit of
   * its own: only stream 0 shares that of the requests.
   *
   * @throws OnionferryError ERR_PEER_GONE if the other side does not come to it
   */
  openStream(number: number, options?: CallOptions): Promise<SecureStream>;
  /**
   * Closes what was dialled ahead and is not used: no further streams are to be opened soon.
   * Otherwise that ends by itself after seconds.
   */
  releaseAhead(): void;
  /** Tells the relay that this side leaves the channel unfinished. Never throws. */
  abandon(): Promise<void>;
}
