import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

/** In the first answer: tor asks for user and password, and will answer those too. */
const USER_PASSWORD = 2;
/** The length of each answer before the one to the request. */
const ANSWER_BYTES = 2;

/**
 * The stream on which the socks package conducts its handshake, instead of the socket itself:
 * ../README.md says why.
 *
 * The package reads everything and leaves the socket flowing; so it gets one byte at a time, and
 * none beyond its handshake. tor's reply code, which it does not pass on, is read here.
 */
export class SocksHandshake extends Duplex {
  readonly #socket: Socket;
  readonly #answer: number[] = [];
  /** What follows the request directly. */
  #first: Uint8Array | undefined;

  /**
   * @param first goes to the other side with the request, before tor has answered: without it the
   *   connection is used only a round trip later (socks-extensions, "Optimistic data")
   */
  constructor(socket: Socket, first?: Uint8Array) {
    super();
    this.#socket = socket;
    this.#first = first;
    // Nobody listens once the socks package is done; what matters is the socket's own error.
    this.on('error', () => undefined);
    socket.on('readable', this.#take);
    socket.on('error', this.#end);
    socket.on('close', this.#end);
  }

  /** The code with which tor refused, if it did. */
  get refusal(): number | undefined {
    const code = this.#answer[this.#requestedAfter + 1];
    return code === 0 ? undefined : code;
  }

  /**
   * Leaves the socket as if nobody had ever listened to it.
   *
   * @throws Error if it has closed meanwhile
   */
  async release(): Promise<void> {
    this.#socket.off('readable', this.#take);
    // A stream notices only in the next turn that nobody listens for 'readable' any more.
    await new Promise((resolve) => setImmediate(resolve));
    if (this.#socket.destroyed) throw new Error('the connection was closed');
    this.#socket.off('error', this.#end);
    this.#socket.off('close', this.#end);
  }

  override _read(): void {
    // The bytes are emitted as they are taken.
  }

  override _write(
    chunk: Buffer,
    _encoding: BufferEncoding,
    callback: (error?: Error | null) => void,
  ): void {
    const isRequest = this.#answer.length >= this.#requestedAfter;
    if (!isRequest || this.#first === undefined) {
      this.#socket.write(chunk, callback);
      return;
    }
    this.#socket.cork();
    this.#socket.write(chunk);
    this.#socket.write(this.#first, callback);
    this.#socket.uncork();
    this.#first = undefined;
  }

  /** Bytes of answers before the request is sent: to the greeting, and to user and password. */
  get #requestedAfter(): number {
    return this.#answer[1] === USER_PASSWORD ? 2 * ANSWER_BYTES : ANSWER_BYTES;
  }

  readonly #take = (): void => {
    // The socks package stops listening as soon as it has its last byte.
    while (this.listenerCount('data') > 0) {
      const byte: unknown = this.#socket.read(1);
      if (!(byte instanceof Buffer)) return;
      this.#answer.push(...byte);
      this.emit('data', byte);
    }
  };

  readonly #end = (): void => {
    this.destroy();
  };
}
