import type { Range } from '../../stream/ranges.js';
import type { SecureStream } from '../secure-stream.js';

/** A stream over which the other side has come. */
export interface LiveStream {
  readonly stream: SecureStream;
  readonly since: number;
  bytes: number;
  /** What the sender was asked for again over this stream. */
  readonly asked: Range[];
  /** It was ended here, which says nothing about the sender. */
  isDropped?: true;
}
