import type { SessionKeys } from '../../pake/key-schedule.js';
import type { SecureStream } from '../secure-stream.js';

/** What participants of a channel are seen to do. */
export type PeerState = 'joined' | 'authenticated' | 'rejected' | 'left';

/** Two who have proved to each other that they know the same words. */
export interface Meeting {
  readonly channel: string;
  readonly keys: SessionKeys;
  /** Stream 0, whose connection is under way or stands. */
  readonly stream: SecureStream;
  /** Tells the relay that this side leaves the channel unfinished. Never throws. */
  abandon(): Promise<void>;
}
