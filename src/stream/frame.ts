import type { Bytes } from '../base/bytes.js';
import { OnionferryError } from '../base/errors.js';
import { AEAD_NONCE_BYTES, AEAD_TAG_BYTES, type Aead } from './aead.js';

/*
 * A frame on the wire:
 *
 *   length  u32, big endian: how many bytes follow
 *   sealed  AES-256-GCM of (type u8 ‖ body), tag included; the length is its additional data
 *
 * The nonce is the frame's number on this connection and direction, so that a frame which is left
 * out, repeated or moved does not open.
 */

export const FRAME_HEADER_BYTES = 4;
/** Content in one data frame. 256 KiB keeps the cost per frame small; 1 MiB doubles the memory. */
export const FRAME_CONTENT_BYTES: number = 256 * 1024;
/** Type and position in front of a data frame's content. */
export const DATA_PREFIX_BYTES = 9;
export const FRAME_PLAINTEXT_MAX_BYTES: number = DATA_PREFIX_BYTES + FRAME_CONTENT_BYTES;
export const FRAME_SEALED_MAX_BYTES: number = FRAME_PLAINTEXT_MAX_BYTES + AEAD_TAG_BYTES;
/** A type alone. */
const FRAME_SEALED_MIN_BYTES = 1 + AEAD_TAG_BYTES;

export function frameHeader(sealedBytes: number): Bytes {
  const header = new Uint8Array(FRAME_HEADER_BYTES);
  new DataView(header.buffer).setUint32(0, sealedBytes);
  return header;
}

/** 96 bits: 32 zero bits and the frame's number (NIST SP 800-38D, 8.2.1: deterministic). */
export function frameNonce(number: number): Bytes {
  const nonce = new Uint8Array(AEAD_NONCE_BYTES);
  new DataView(nonce.buffer).setBigUint64(4, BigInt(number));
  return nonce;
}

/** Seals the frames of one direction of one connection, in order. */
export class FrameSealer {
  readonly #aead: Aead;
  #number = 0;

  constructor(aead: Aead) {
    this.#aead = aead;
  }

  /** @returns the frame's bytes for the wire, in parts */
  async seal(plaintext: Bytes): Promise<readonly Bytes[]> {
    if (plaintext.length === 0 || plaintext.length > FRAME_PLAINTEXT_MAX_BYTES) {
      throw new OnionferryError('ERR_INTERNAL', 'a frame of a size that does not exist');
    }
    const header = frameHeader(plaintext.length + AEAD_TAG_BYTES);
    // Taken before the first await: two seals at once must never share a nonce.
    const nonce = frameNonce(this.#number++);
    const sealed = this.#aead.seal(nonce, header, plaintext);
    return [header, ...(sealed instanceof Promise ? await sealed : sealed)];
  }
}

/** Opens the frames of one direction of one connection, in order. */
export class FrameOpener {
  readonly #aead: Aead;
  #number = 0;

  constructor(aead: Aead) {
    this.#aead = aead;
  }

  /** @throws OnionferryError ERR_STREAM if the frame is not the next one that the other end sealed */
  async open(sealed: Bytes): Promise<Bytes> {
    const nonce = frameNonce(this.#number++);
    const opened = this.#aead.open(nonce, frameHeader(sealed.length), sealed);
    const plaintext = opened instanceof Promise ? await opened : opened;
    if (plaintext === undefined) {
      throw new OnionferryError(
        'ERR_STREAM',
        'the encrypted stream was changed on its way; nothing of that was kept, try again',
      );
    }
    return plaintext;
  }
}

/**
 * Cuts an incoming byte sequence into sealed frames, however it is cut on the way.
 *
 * The length is checked before anything is allocated for it. All frames are put together in one
 * buffer: making one for each would keep the garbage collector busier than the cipher.
 */
export class FrameSplitter {
  readonly #header = new Uint8Array(FRAME_HEADER_BYTES);
  #headerFilled = 0;
  #buffer = new Uint8Array(0);
  /** Length of the frame that is being put together, once it is known. */
  #length: number | undefined;
  #filled = 0;

  /**
   * Yields the frames that `piece` completes, oldest first; each is good until the next is asked
   * for.
   *
   * @throws OnionferryError ERR_STREAM if a length is impossible
   */
  *push(piece: Uint8Array): Generator<Bytes, void, undefined> {
    let at = 0;
    while (at < piece.length) {
      if (this.#length === undefined) {
        at += this.#fillHeader(piece, at);
        continue;
      }
      const part = piece.subarray(at, at + this.#length - this.#filled);
      this.#buffer.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
      if (this.#filled < this.#length) continue;
      const frame = this.#buffer.subarray(0, this.#length);
      this.#length = undefined;
      this.#headerFilled = 0;
      yield frame;
    }
  }

  /** Whether the sequence may end here. */
  get atBoundary(): boolean {
    return this.#headerFilled === 0;
  }

  #fillHeader(piece: Uint8Array, at: number): number {
    const part = piece.subarray(at, at + FRAME_HEADER_BYTES - this.#headerFilled);
    this.#header.set(part, this.#headerFilled);
    this.#headerFilled += part.length;
    if (this.#headerFilled === FRAME_HEADER_BYTES) {
      const length = new DataView(this.#header.buffer).getUint32(0);
      if (length < FRAME_SEALED_MIN_BYTES || length > FRAME_SEALED_MAX_BYTES) {
        throw new OnionferryError(
          'ERR_STREAM',
          'the encrypted stream was damaged on its way; try again',
        );
      }
      if (this.#buffer.length < length) this.#buffer = new Uint8Array(length);
      this.#length = length;
      this.#filled = 0;
    }
    return part.length;
  }
}
