import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { type Bytes, concat, utf8 } from '../base/bytes.js';

/** Fresh random bytes that each end contributes to the keys of one connection. */
export const CONNECTION_NONCE_BYTES = 32;
export const STREAM_KEY_BYTES = 32;

/** Who encrypts with the key. */
export type Direction = 'sender-to-recipient' | 'recipient-to-sender';

export interface ConnectionSecrets {
  /** `SessionKeys.stream` of the PAKE: known to both ends and to nobody else. */
  readonly root: Uint8Array;
  /** The stream's number; never used twice under one root. */
  readonly stream: number;
  readonly senderNonce: Uint8Array;
  readonly recipientNonce: Uint8Array;
}

/**
 * The AES-256-GCM key of one direction of one connection: HKDF-SHA-256 (RFC 5869) of the root with
 * both nonces as salt and the label, direction and number as info.
 *
 * Each end's own nonce makes its key fresh even if a relay forces a redial, so that counters may
 * start at zero; the other end's nonce makes a recording of an older connection undecipherable.
 */
export function deriveStreamKey(secrets: ConnectionSecrets, direction: Direction): Bytes {
  const salt = concat(secrets.senderNonce, secrets.recipientNonce);
  const info = utf8(`onionferry/1 stream ${direction} ${secrets.stream}`);
  return new Uint8Array(hkdf(sha256, secrets.root, salt, info, STREAM_KEY_BYTES));
}
