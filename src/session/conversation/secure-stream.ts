import { type Bytes, concat, randomBytes } from '../../base/bytes.js';
import { untilAborted } from '../../base/deadline.js';
import { OnionferryError } from '../../base/errors.js';
import { type ByteChannel, connectionBroke } from '../../stream/byte-channel.js';
import { FrameSplitter } from '../../stream/frame.js';
import { CONNECTION_NONCE_BYTES, type Direction, deriveStreamKey } from '../../stream/keys.js';
import { decodeMessage, encodeMessage, type Message } from '../../stream/message.js';
import { FrameOpener, FrameSealer } from '../../stream/seal.js';
import type { Primitives } from './primitives.js';

/** After this side's last message, an honest other side closes within a round trip. */
const LINGER_MS = 1_000;

export interface SecureStreamOptions {
  /** The raw connection. The secure stream owns it from here on. */
  readonly channel: ByteChannel;
  readonly role: 'sender' | 'recipient';
  /** `SessionKeys.stream`. May come later than the connection: the nonce is sent without it. */
  readonly root: Promise<Uint8Array>;
  readonly stream: number;
  readonly createAead: Primitives['createAead'];
}

/** A frame that was given to the connection, and when it leaves. */
interface Handed {
  readonly left: Promise<void>;
}

/**
 * Messages over one connection, sealed in both directions.
 *
 * The first 32 bytes each way are that end's nonce; everything behind them is frames.
 */
export class SecureStream implements AsyncDisposable {
  readonly stream: number;
  readonly #channel: ByteChannel;
  readonly #options: SecureStreamOptions;
  readonly #ownNonce: Bytes;
  readonly #splitter = new FrameSplitter();
  /** Bytes that arrived together with the peer's nonce. */
  #rest: Uint8Array | undefined;
  readonly #keys: Promise<{ sealer: FrameSealer; opener: FrameOpener }>;
  /** The frame before: frames are handed over in the order of their numbers, whichever is sealed first. */
  #before: Promise<Handed> = Promise.resolve({ left: Promise.resolve() });
  #isClosed = false;
  /**
   * Resolves when the other side has closed after it, and rejects if it never left. From here on
   * what the other side says is dropped.
   */
  #lastWord: Promise<void> | undefined;

  constructor(options: SecureStreamOptions) {
    this.#options = options;
    this.stream = options.stream;
    this.#channel = options.channel;
    void this.#channel.closed.then(() => {
      this.#isClosed = true;
    });
    this.#ownNonce = randomBytes(CONNECTION_NONCE_BYTES);
    // A connection that cannot be written to is noticed by the first read.
    this.#channel.write([this.#ownNonce]).catch(() => undefined);
    this.#keys = this.#agree();
    // Thrown by whatever is asked of the stream first.
    this.#keys.catch(() => undefined);
  }

  /** Whose end the other one is. */
  get otherSide(): SecureStreamOptions['role'] {
    return this.#options.role === 'sender' ? 'recipient' : 'sender';
  }

  /** Resolves when both ends' nonces are here and the keys stand. */
  async established(): Promise<void> {
    await this.#keys;
  }

  /** Sends a message; resolves when the connection has room for the next. */
  async send(message: Message): Promise<void> {
    await this.sendPlaintext(encodeMessage(message));
  }

  /**
   * Sends a frame that is encoded already; `plaintext` may be used again once this resolves.
   *
   * It does so when the frame before has left, so that the connection is busy with this one while
   * the next is made.
   *
   * @throws OnionferryError ERR_PEER_GONE
   */
  async sendPlaintext(plaintext: Bytes): Promise<void> {
    const { sealer } = await this.#keys;
    if (this.#isClosed) throw connectionBroke();
    const before = this.#before;
    const handed = Promise.all([sealer.seal(plaintext), before]).then(([parts]) => {
      const left = this.#channel.write(parts);
      // Thrown with the next frame, which may never come.
      left.catch(() => undefined);
      return { left };
    });
    this.#before = handed;
    await handed;
    await (await before).left;
  }

  /**
   * The other end's messages until it ends the connection; none once this one has said its last.
   *
   * @throws OnionferryError ERR_PEER_GONE if the connection breaks, ERR_STREAM if it was tampered with
   */
  async *messages(): AsyncGenerator<Message, void, undefined> {
    const { opener } = await this.#keys;
    let piece = this.#rest;
    this.#rest = undefined;
    for (;;) {
      // Also in the middle of a frame, whose other part may have been dropped.
      if (piece !== undefined && !this.#hasSaidLast()) {
        for (const sealed of this.#splitter.push(piece)) {
          if (this.#hasSaidLast()) break;
          yield decodeMessage(await opener.open(sealed));
        }
      }
      const next = await this.#read();
      if (next === undefined) break;
      piece = next;
    }
    if (!this.#hasSaidLast() && !this.#splitter.atBoundary) throw connectionBroke();
  }

  /**
   * Says a last message; resolves when the other side has closed, or after `ms`. What it still says
   * is dropped: a connection that is closed with unread bytes takes back what it was given last.
   *
   * The own direction stays open at first. tor knows no half-closed streams: it would close its end
   * at once, before anything has left it, and a process that ends then ends tor as well.
   *
   * There is one last word: a second caller waits for the first to be heard.
   */
  async sendLast(message: Message, ms: number): Promise<void> {
    const timer = new AbortController();
    const timeout = setTimeout(() => timer.abort(), ms);
    this.#lastWord ??= this.send(message).then(() => this.#hangUp());
    // The connection may be gone: then nobody is left to hear it.
    await untilAborted(this.#lastWord, timer.signal).catch(() => undefined);
    clearTimeout(timeout);
  }

  destroy(): void {
    this.#channel.destroy();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.destroy();
    return Promise.resolve();
  }

  #hasSaidLast(): boolean {
    return this.#lastWord !== undefined;
  }

  async #hangUp(): Promise<void> {
    const channel = this.#channel;
    const ending = setTimeout(() => channel.end(), LINGER_MS);
    void channel.closed.then(() => clearTimeout(ending));
    await Promise.race([this.#drain(), channel.closed]);
  }

  async #drain(): Promise<void> {
    try {
      while ((await this.#channel.read()) !== undefined);
    } catch {
      // Broken or ended: either way nothing comes any more.
    }
  }

  async #agree(): Promise<{ sealer: FrameSealer; opener: FrameOpener }> {
    const { role, stream, createAead } = this.#options;
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
      sealer: new FrameSealer(await createAead(deriveStreamKey(secrets, out))),
      opener: new FrameOpener(await createAead(deriveStreamKey(secrets, back))),
    };
  }

  async #readNonce(): Promise<Bytes> {
    let received: Bytes = new Uint8Array();
    while (received.length < CONNECTION_NONCE_BYTES) {
      const piece = await this.#read();
      if (piece === undefined) throw connectionBroke();
      received = concat(received, piece);
    }
    this.#rest = received.subarray(CONNECTION_NONCE_BYTES);
    return received.subarray(0, CONNECTION_NONCE_BYTES);
  }

  async #read(): Promise<Uint8Array | undefined> {
    try {
      return await this.#channel.read();
    } catch (error) {
      throw error instanceof OnionferryError ? error : connectionBroke(error);
    }
  }
}
