import type { OnionferryError } from '../base/errors.js';
import type { Logger } from '../base/logger.js';
import type { HeldRanges } from '../stream/ranges.js';
import type { TokenBucket } from '../stream/token-bucket.js';
import type { Primitives } from './conversation/primitives.js';
import type { Met, Reconnect } from './reconnecting/reconnect.js';

/** Where the recipient is in the content: streams bring it out of order. */
export interface Latest {
  /** Position of the last byte that was written; undefined before there was one. */
  readonly at: number | undefined;
  /** All that it has. */
  readonly has: HeldRanges;
}

/** What a transfer takes on either side, over all its meetings. */
export interface TransferOptions {
  /** Undefined if the two sides have lost each other already: then they reconnect first. */
  readonly met: Met | undefined;
  readonly reconnect: Reconnect;
  readonly primitives: Primitives;
  /** Meetings in a row that a tampered stream may end; default TAMPERED_MAX. */
  readonly tamperedMax?: number | undefined;
  readonly logger?: Logger | undefined;
  readonly signal?: AbortSignal | undefined;
  /** How long a side that has vanished is looked for; default half an hour. */
  readonly awayMaxMs?: number | undefined;
  /** How long a side that answers may leave its part undone; undefined: STALL_MAX_MS. */
  readonly stallMaxMs?: number | undefined;
  readonly stallTellMs?: number | undefined;
  /** Streams that the user wants; undefined: as many as the recipient finds helpful. */
  readonly circuits?: number | undefined;
  /** Bounds the rate of the content, over all streams and meetings. */
  readonly throttle?: TokenBucket | undefined;
  /** Bytes that the recipient has verified and written. */
  readonly onWritten?: (bytes: number, latest: Latest) => void;
  /** Streams that carry the transfer now. */
  readonly onStreams?: (streams: number, isOver: boolean) => void;
  /** The other side answers and does nothing: a phrase that says so, again and again. */
  readonly onStalled?: (reason: string) => void;
  /** The two sides have reconnected. */
  readonly onMet?: (generation: number) => void;
  /** The other side has vanished, or was not there to begin with; looking for it. */
  readonly onAway?: (why: OnionferryError | undefined) => void;
}
