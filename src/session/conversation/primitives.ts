import type { Bytes } from '../../base/bytes.js';
import type { Aead } from '../../stream/aead.js';
import type { Deflate, Inflate } from '../../stream/deflate.js';

/** What the session takes from where it runs: node:crypto and node:zlib, or the browser's own. */
export interface Primitives {
  /** AES-256-GCM under a key of 32 bytes. */
  readonly createAead: (key: Bytes) => Aead | Promise<Aead>;
  readonly sha256: () => Hashing;
  readonly deflate: Deflate;
  readonly inflate: Inflate;
}

/** A hash of what comes in pieces. */
export interface Hashing {
  update(piece: Bytes): void;
  /** Called once, last. */
  digest(): Uint8Array;
}
