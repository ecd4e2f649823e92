import type { Bytes } from '../base/bytes.js';
import { OnionferryError } from '../base/errors.js';

/**
 * A connection's bytes, both ways, whatever carries them: a socket in the program, a WebSocket in
 * the page.
 */
export interface ByteChannel {
  /**
   * Hands over these parts, one behind the other, at once; resolves when they have left this
   * process, as far as that can be known.
   *
   * @throws OnionferryError ERR_PEER_GONE if the connection is closed before
   */
  write(parts: readonly Bytes[]): Promise<void>;
  /**
   * The next bytes; each piece goes to one caller, in the order of the calls.
   *
   * @returns undefined once the other side has ended and everything is read
   * @throws OnionferryError ERR_PEER_GONE if the connection broke
   */
  read(): Promise<Uint8Array | undefined>;
  /** Ends the own direction behind what was written. */
  end(): void;
  /** Closes both directions. */
  destroy(): void;
  /** Resolves when the connection is closed, for whatever reason; nothing is written any more. */
  readonly closed: Promise<void>;
}

/** What a channel throws when its connection is closed or has broken. */
export function connectionBroke(cause?: unknown): OnionferryError {
  return new OnionferryError('ERR_PEER_GONE', 'the connection to the other side broke', { cause });
}
