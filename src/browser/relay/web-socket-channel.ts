import { type Bytes, concat } from '../../base/bytes.js';
import { sleep } from '../../base/deadline.js';
import { Notifier } from '../../base/notifier.js';
import { WEB_SOCKET_MESSAGE_MAX_BYTES } from '../../relay-protocol/wire.js';
import { type ByteChannel, connectionBroke } from '../../stream/byte-channel.js';

/** Arrived and not yet read. Browsers cannot hold up a WebSocket: a sender that honours what was acknowledged stays far below. */
const UNREAD_MAX_BYTES: number = 32 * 1024 * 1024;
/** Written and not yet sent: enough to keep a circuit busy between two looks. */
const UNSENT_MAX_BYTES: number = 1024 * 1024;
/** WebSockets do not tell when they have sent. */
const LOOK_MS = 20;
/** A reader is woken by what comes, or by the end; this is only to look once more. */
const LOOK_AGAIN_MS = 60_000;

/** The part of a WebSocket that is used: the browser's own in the page, another in tests. */
export interface PageSocket {
  binaryType: 'blob' | 'arraybuffer';
  /** Bytes that were sent and have not left this process. */
  readonly bufferedAmount: number;
  send(data: string | Bytes): void;
  /** What was sent before still leaves. */
  close(): void;
  addEventListener(type: 'open' | 'message' | 'close', listener: (event: object) => void): void;
}

/** The bytes of one stream of the relay, both ways, over a WebSocket. */
export class WebSocketChannel implements ByteChannel {
  readonly closed: Promise<void>;
  readonly #socket: PageSocket;
  readonly #unread: Bytes[] = [];
  readonly #arrived = new Notifier();
  readonly #closing = new AbortController();
  #unreadBytes = 0;
  /** Until it is open: the hello, and a nonce. */
  #waiting: (string | Bytes)[] | undefined = [];

  constructor(socket: PageSocket) {
    this.#socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('open', () => {
      for (const data of this.#waiting ?? []) socket.send(data);
      this.#waiting = undefined;
    });
    socket.addEventListener('message', (event) => {
      this.#take('data' in event ? event.data : undefined);
    });
    // It comes also if the socket never opened.
    this.closed = new Promise((resolve) => {
      socket.addEventListener('close', () => {
        this.#closing.abort();
        this.#arrived.notify();
        resolve();
      });
    });
  }

  /** Says as text which stream this is; before anything else, and once. */
  hello(text: string): void {
    this.#send(text);
  }

  async write(parts: readonly Bytes[]): Promise<void> {
    const whole = concat(...parts);
    for (let at = 0; at < whole.length; at += WEB_SOCKET_MESSAGE_MAX_BYTES) {
      this.#send(whole.subarray(at, at + WEB_SOCKET_MESSAGE_MAX_BYTES));
    }
    while (this.#socket.bufferedAmount > UNSENT_MAX_BYTES) {
      if (this.#closing.signal.aborted) throw connectionBroke();
      await sleep(LOOK_MS);
    }
  }

  async read(): Promise<Bytes | undefined> {
    for (;;) {
      const piece = this.#unread.shift();
      if (piece !== undefined) {
        this.#unreadBytes -= piece.length;
        return piece;
      }
      if (this.#closing.signal.aborted) return undefined;
      await this.#arrived.wait(LOOK_AGAIN_MS, this.#closing.signal);
    }
  }

  /** A WebSocket has no half-closed state. What was written before still leaves. */
  end(): void {
    this.#socket.close();
  }

  destroy(): void {
    this.#socket.close();
  }

  #send(data: string | Bytes): void {
    if (this.#closing.signal.aborted) throw connectionBroke();
    if (this.#waiting === undefined) this.#socket.send(data);
    else this.#waiting.push(data);
  }

  #take(data: unknown): void {
    if (!(data instanceof ArrayBuffer)) {
      this.destroy();
      return;
    }
    this.#unread.push(new Uint8Array(data));
    this.#unreadBytes += data.byteLength;
    if (this.#unreadBytes > UNREAD_MAX_BYTES) this.destroy();
    this.#arrived.notify();
  }
}
