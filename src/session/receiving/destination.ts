import type { Bytes } from '../../base/bytes.js';
import type { Ranges } from '../../stream/ranges.js';

export interface ReceivedFile {
  /** Its final path, relative to the folder that was written to, with '/'. */
  readonly path: string;
  readonly bytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

export interface ReceivedFiles {
  readonly files: readonly ReceivedFile[];
  /** What was left out and why, a sentence each. */
  readonly warnings: readonly string[];
}

/** Where a transfer's content goes. */
export interface Destination {
  /**
   * What is written, or was by an earlier process and is believed to be intact: the only record of
   * it, kept up to date by the destination, which alone changes it.
   */
  readonly written: Ranges;
  /** Bytes of the content that are not wanted; they count as written. */
  readonly unwanted?: number;
  /** Whether files are getting their final names, or got some from an earlier process. */
  readonly isCommitting?: boolean;
  /**
   * Begins to verify what an earlier process wrote. A range that proves to be damaged is taken out
   * of `written`, then reported; it is to be written again.
   */
  verify(onCorrupt: (start: number, end: number) => void): void;
  /**
   * Resolves when the content is in `written`. Any order, several at once; each byte once, unless
   * it was reported corrupt.
   *
   * @throws OnionferryError ERR_DESTINATION; ERR_INTERNAL for bytes that are written already, or
   *   beyond the end
   */
  write(position: number, content: Bytes): Promise<void>;
  /**
   * Makes the transfer real: everything whole, on disk and under its final name. Called once,
   * when everything is written; it then waits for what is still reported corrupt.
   *
   * @param total length of the content
   */
  finish(total: number): Promise<ReceivedFiles>;
  /** Stops and keeps what was written for a later process; does nothing after `finish`. */
  suspend(): Promise<void>;
  /** Stops and removes what was written; does nothing after `finish` or `suspend`. */
  discard(): Promise<void>;
}
