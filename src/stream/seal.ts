import type { Bytes } from '../base/bytes.js';
import { OnionferryError } from '../base/errors.js';
import { AEAD_TAG_BYTES, type Aead } from './aead.js';
import { FRAME_PLAINTEXT_MAX_BYTES, frameHeader, frameNonce } from './frame.js';

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
