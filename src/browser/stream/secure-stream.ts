import { type Bytes, concat, randomBytes } from '../../base/bytes.js';
import { OnionferryError } from '../../base/errors.js';
import { webAead } from '../../stream/aead.js';
import { FrameSplitter } from '../../stream/frame.js';
import { CONNECTION_NONCE_BYTES, type Direction, deriveStreamKey } from '../../stream/keys.js';
import { decodeMessage, encodeMessage, type Message } from '../../stream/message.js';
import { FrameOpener, FrameSealer } from '../../stream/seal.js';
import type { ByteStream } from '../channel/byte-stream.js';

export interface SecureStreamOptions {
  readonly bytes: ByteStream;
  readonly role: 'sender' | 'recipient';
  /** `SessionKeys.stream`. May come later than the connection: the nonce is sent without it. */
  readonly root: Promise<Uint8Array>;
  readonly stream: number;
}

/**
 * Messages over one connection, sealed in both directions by WebCrypto; the same on the wire as
 * `transfer/secure-stream.ts`, where node:crypto does it.
 */
export class SecureStream {
  readonly stream: number;
  readonly #options: SecureStreamOptions;
  readonly #ownNonce: Bytes;
  readonly #splitter = new FrameSplitter();
  readonly #keys: Promise<{ sealer: FrameSealer; opener: FrameOpener }>;
  #rest: Bytes = new Uint8Array();
  /** Frames leave in the order in which they were numbered, whichever is sealed first. */
  #sending: Promise<void> = Promise.resolve();

  constructor(options: SecureStreamOptions) {
    this.#options = options;
    this.stream = options.stream;
    this.#ownNonce = randomBytes(CONNECTION_NONCE_BYTES);
    options.bytes.write(this.#ownNonce).catch(() => undefined);
    this.#keys = this.#agree();
    this.#keys.catch(() => undefined);
  }

  /** Resolves when both ends' nonces are here and the keys stand. */
  async established(): Promise<void> {
    await this.#keys;
  }

  /** Resolves when there is room for the next. @throws OnionferryError ERR_PEER_GONE */
  async send(message: Message): Promise<void> {
    const { sealer } = await this.#keys;
    const sealing = sealer.seal(encodeMessage(message));
    const sent = this.#sending.then(async () => {
      await this.#options.bytes.write(concat(...(await sealing)));
    });
    this.#sending = sent.catch(() => undefined);
    await sent;
  }

  /**
   * The other end's messages until it ends the connection.
   *
   * @throws OnionferryError ERR_PEER_GONE if the connection breaks, ERR_STREAM if it was tampered with
   */
  async *messages(): AsyncGenerator<Message, void, undefined> {
    const { opener } = await this.#keys;
    let piece: Bytes | undefined = this.#rest;
    while (piece !== undefined) {
      for (const sealed of this.#splitter.push(piece))
        yield decodeMessage(await opener.open(sealed));
      piece = await this.#options.bytes.read();
    }
    if (!this.#splitter.atBoundary) throw gone();
  }

  /** Ends the connection behind what was sent. */
  close(): void {
    void this.#sending.then(() => this.#options.bytes.close());
  }

  /** Resolves when the connection has ended, or after `ms`. */
  async ended(ms: number): Promise<void> {
    const { closed } = this.#options.bytes;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      const end = (): void => {
        clearTimeout(timer);
        resolve();
      };
      if (closed.aborted) end();
      else closed.addEventListener('abort', end, { once: true });
    });
  }

  async #agree(): Promise<{ sealer: FrameSealer; opener: FrameOpener }> {
    const { bytes, role, stream } = this.#options;
    await bytes.answered();
    const peerNonce = await this.#readNonce();
    const root = await this.#options.root;
    const [senderNonce, recipientNonce] =
      role === 'sender' ? [this.#ownNonce, peerNonce] : [peerNonce, this.#ownNonce];
    const secrets = { root, stream, senderNonce, recipientNonce };
    const [out, back]: [Direction, Direction] =
      role === 'sender'
        ? ['sender-to-recipient', 'recipient-to-sender']
        : ['recipient-to-sender', 'sender-to-recipient'];
    return {
      sealer: new FrameSealer(await webAead(deriveStreamKey(secrets, out))),
      opener: new FrameOpener(await webAead(deriveStreamKey(secrets, back))),
    };
  }

  async #readNonce(): Promise<Bytes> {
    let received: Bytes = new Uint8Array();
    while (received.length < CONNECTION_NONCE_BYTES) {
      const piece = await this.#options.bytes.read();
      if (piece === undefined) throw gone();
      received = concat(received, piece);
    }
    this.#rest = received.slice(CONNECTION_NONCE_BYTES);
    return received.slice(0, CONNECTION_NONCE_BYTES);
  }
}

function gone(): OnionferryError {
  return new OnionferryError('ERR_PEER_GONE', 'the connection to the other side broke');
}
