import type { Bytes } from '../../base/bytes.js';
import type { Manifest } from '../../stream/manifest.js';

/** What is sent: a manifest and its content, readable from any position. */
export interface Source extends AsyncDisposable {
  readonly manifest: Manifest;
  /** What was left out and why, a sentence each. */
  readonly warnings: readonly string[];
  /**
   * Reads content from `position` on into `into`.
   *
   * @returns bytes read; 0 only at the content's end
   * @throws OnionferryError ERR_SOURCE, ERR_SOURCE_CHANGED
   */
  read(position: number, into: Bytes): Promise<number>;
}
