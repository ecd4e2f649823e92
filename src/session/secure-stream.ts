import type { Duplex } from 'node:stream';
import { type Bytes, concat, randomBytes } from '../base/bytes.js';
import { untilAborted } from '../base/deadline.js';
import { OnionferryError } from '../base/errors.js';
import { FrameSplitter } from '../stream/frame.js';
import { CONNECTION_NONCE_BYTES, type Direction, deriveStreamKey } from '../stream/keys.js';
import { decodeMessage, encodeMessage, type Message } from '../stream/message.js';
import { FrameOpener, FrameSealer } from '../stream/seal.js';
import { nodeAead } from '../transfer/node-aead.js';

/** After its last word the other side closes within a round trip, unless it does not want to. */
const LINGER_MS = 1_000;

export interface SecureStreamOptions {
  /** The raw connection; may be written at once. The secure stream owns it from here on. */
  readonly duplex: Duplex;
  /** When the connection may be read: behind the relay's answer. */
  readonly readable?: Promise<void>;
  readonly role: 'sender' | 'recipient';
  /** `SessionKeys.stream`. May come later than the connection: the nonce is sent without it. */
  readonly root: Promise<Uint8Array>;
  readonly stream: number;
}

/**
 * Messages over one connection, sealed in both directions.
 *
 * The first 32 bytes each way are that end's nonce; everything behind them is frames.
 */
export class SecureStream implements AsyncDisposable {
  readonly stream: number;
  readonly #duplex: Duplex;
  readonly #options: SecureStreamOptions;
  readonly #ownNonce: Bytes;
  readonly #splitter = new FrameSplitter();
  readonly #incoming: AsyncIterator<Uint8Array>;
  /** Bytes that arrived together with the peer's nonce. */
  #rest: Uint8Array | undefined;
  readonly #keys: Promise<{ sealer: FrameSealer; opener: FrameOpener }>;
  /** Settles when the last frame has left this process. */
  #leaving: Promise<void> = Promise.resolve();
  /**
   * Resolves when the other side has closed after it, and rejects if it never left. From here on
   * what the other side says is dropped.
   */
  #lastWord: Promise<void> | undefined;

  constructor(options: SecureStreamOptions) {
    this.#options = options;
    this.stream = options.stream;
    this.#duplex = options.duplex;
    // The connection's error reaches whoever reads or writes; without a listener it would be thrown.
    this.#duplex.on('error', () => undefined);
    this.#ownNonce = randomBytes(CONNECTION_NONCE_BYTES);
    this.#duplex.write(this.#ownNonce);
    // A Duplex yields Buffers as long as nobody sets an encoding or object mode; nobody does.
    this.#incoming = (this.#duplex as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
    this.#keys = this.#agree();
    this.#keys.catch(() => undefined);
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
   */
  async sendPlaintext(plaintext: Bytes): Promise<void> {
    const { sealer } = await this.#keys;
    const parts = await sealer.seal(plaintext);
    if (this.#duplex.destroyed || this.#duplex.writableEnded) throw gone(this.#duplex.errored);
    const before = this.#leaving;
    this.#leaving = this.#write(parts);
    // Awaited with the next frame, which may never come.
    this.#leaving.catch(() => undefined);
    await before;
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
    if (!this.#hasSaidLast() && !this.#splitter.atBoundary) throw gone();
  }

  /**
   * Says a last message; resolves when the other side has closed, or after `ms`. What it still says
   * is dropped: a connection that is closed with unread bytes takes back what it was given last.
   *
   * The own direction stays open at first. tor knows no half-closed streams: it would close its end
   * at once, before anything has left it, and who ends then ends tor as well.
   *
   * There is one last word: whoever has another one later waits for the first to be heard.
   */
  async sendLast(message: Message, ms: number): Promise<void> {
    const timer = new AbortController();
    const timeout = setTimeout(() => timer.abort(), ms);
    this.#lastWord ??= this.send(message).then(() => this.#hangUp());
    await untilAborted(this.#lastWord, timer.signal).catch(() => undefined);
    clearTimeout(timeout);
  }

  destroy(): void {
    this.#duplex.destroy();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.destroy();
    return Promise.resolve();
  }

  #hasSaidLast(): boolean {
    return this.#lastWord !== undefined;
  }

  #hangUp(): Promise<void> {
    const duplex = this.#duplex;
    return new Promise((resolve) => {
      if (duplex.destroyed || duplex.readableEnded) {
        resolve();
        return;
      }
      duplex.once('close', resolve);
      duplex.once('end', resolve);
      duplex.on('readable', () => {
        while (duplex.read() !== null);
      });
      const ending = setTimeout(() => duplex.end(), LINGER_MS);
      duplex.once('close', () => clearTimeout(ending));
    });
  }

  async #agree(): Promise<{ sealer: FrameSealer; opener: FrameOpener }> {
    const { role, stream } = this.#options;
    await this.#options.readable;
    const peerNonce = await this.#readNonce();
    const root = await this.#options.root;
    const [senderNonce, recipientNonce] =
      role === 'sender' ? [this.#ownNonce, peerNonce] : [peerNonce, this.#ownNonce];
    const key = (direction: Direction): Bytes =>
      deriveStreamKey({ root, stream, senderNonce, recipientNonce }, direction);
    const [out, back]: [Direction, Direction] =
      role === 'sender'
        ? ['sender-to-recipient', 'recipient-to-sender']
        : ['recipient-to-sender', 'sender-to-recipient'];
    return {
      sealer: new FrameSealer(nodeAead(key(out))),
      opener: new FrameOpener(nodeAead(key(back))),
    };
  }

  async #readNonce(): Promise<Bytes> {
    let received: Bytes = new Uint8Array();
    while (received.length < CONNECTION_NONCE_BYTES) {
      const piece = await this.#read();
      if (piece === undefined) throw gone();
      received = concat(received, piece);
    }
    this.#rest = received.subarray(CONNECTION_NONCE_BYTES);
    return received.subarray(0, CONNECTION_NONCE_BYTES);
  }

  async #read(): Promise<Uint8Array | undefined> {
    try {
      const next = await this.#incoming.next();
      return next.done === true ? undefined : next.value;
    } catch (cause) {
      throw gone(cause);
    }
  }

  /** Resolves when the parts have left this process; a connection that is closed may never tell. */
  #write(parts: readonly Bytes[]): Promise<void> {
    const duplex = this.#duplex;
    return new Promise((resolve, reject) => {
      const closed = (): void => reject(gone(duplex.errored));
      duplex.once('close', closed);
      duplex.cork();
      parts.forEach((part, index) => {
        if (index < parts.length - 1) {
          duplex.write(part);
          return;
        }
        duplex.write(part, (error) => {
          duplex.off('close', closed);
          if (error == null) resolve();
          else reject(gone(error));
        });
      });
      duplex.uncork();
    });
  }
}

function gone(cause?: unknown): OnionferryError {
  return new OnionferryError('ERR_PEER_GONE', 'the connection to the other side broke', {
    cause,
  });
}
