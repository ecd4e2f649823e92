import type { Bytes } from '../../base/bytes.js';
import type { Manifest } from '../../stream/manifest.js';

/** What is sent: a manifest and its content, readable from any position. */
export interface Source extends AsyncDisposable {
  readonly manifest: Manifest;
  /** What was left out and why, a sentence each. */
  readonly warnings: readonly string[];
  /** Present if the content has no known end: it is read to be kept until it is not needed again. */
  readonly growth?: Growth;
  /** Whether all is still as it was. @throws OnionferryError ERR_SOURCE_CHANGED, ERR_SOURCE */
  verifyUnchanged?(): Promise<void>;
  /**
   * Reads content from `position` on into `into`.
   *
   * @returns bytes read; 0 only at the content's end
   * @throws OnionferryError ERR_SOURCE, ERR_SOURCE_CHANGED
   */
  read(position: number, into: Bytes): Promise<number>;
}

/** Content that grows while it is sent. */
export interface Growth {
  /** Length so far. */
  readonly length: number;
  /** Whether that is all. */
  readonly isOver: boolean;
  /**
   * Waits for more; may be called while another call waits.
   *
   * @returns how much came, FRAME_CONTENT_BYTES at most; 0 at the end
   */
  more(): Promise<number>;
  /** Content before `position` will not be read again. */
  release(position: number): void;
}
