import * as v from 'valibot';
import { type Bytes, concat, fromUtf8 } from '../../base/bytes.js';
import { OnionferryError } from '../../base/errors.js';
import { Notifier } from '../../base/notifier.js';
import { errorOf, wireErrorSchema } from '../../relay-protocol/refusal.js';
import { STREAM_LINE_MAX_BYTES, WEB_SOCKET_MESSAGE_MAX_BYTES } from '../../relay-protocol/wire.js';
import type { OpenSocket, PageSocket } from './page-socket.js';

/** Read and not yet taken. Browsers cannot hold up a WebSocket: a sender that honours what was confirmed to it stays far below. */
const UNREAD_MAX_BYTES: number = 32 * 1024 * 1024;
/** Written and not yet sent: enough to keep a circuit busy between two looks. */
const UNSENT_MAX_BYTES: number = 1024 * 1024;
/** WebSockets do not tell when they have sent. */
const LOOK_MS = 20;
const LINE_FEED = 0x0a;

const okSchema = v.strictObject({ ok: v.literal(true) });

/** The bytes of one stream of the relay, both ways, over a WebSocket. */
export class ByteStream {
  readonly #socket: PageSocket;
  readonly #unread: Bytes[] = [];
  readonly #news = new Notifier();
  readonly #closed = new AbortController();
  #unreadBytes = 0;
  #unsent: Bytes[] | undefined = [];
  #isAnswered = false;

  constructor(openSocket: OpenSocket, url: string, hello: string) {
    this.#socket = openSocket(url, {
      onOpen: () => {
        this.#socket.send(hello);
        for (const bytes of this.#unsent ?? []) this.#socket.send(bytes);
        this.#unsent = undefined;
      },
      onMessage: (data) => this.#take(data),
      onClose: () => {
        this.#closed.abort();
        this.#news.notify();
      },
    });
  }

  /** Resolves when there is room for more. @throws OnionferryError ERR_PEER_GONE */
  async write(bytes: Bytes): Promise<void> {
    for (let at = 0; at < bytes.length; at += WEB_SOCKET_MESSAGE_MAX_BYTES) {
      // Before it is open somebody's nonce waits here, and nothing else.
      const part = bytes.slice(at, at + WEB_SOCKET_MESSAGE_MAX_BYTES);
      if (this.#closed.signal.aborted) throw gone();
      if (this.#unsent === undefined) this.#socket.send(part);
      else this.#unsent.push(part);
    }
    while (this.#socket.bufferedAmount > UNSENT_MAX_BYTES) {
      if (this.#closed.signal.aborted) throw gone();
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  /**
   * Resolves when the relay has joined both sides; nothing is to be read before.
   *
   * @throws OnionferryError the relay's reason, or ERR_PEER_GONE
   */
  async answered(): Promise<void> {
    if (this.#isAnswered) return;
    let line: Bytes = new Uint8Array();
    while (!line.includes(LINE_FEED)) {
      const piece = await this.read();
      if (piece === undefined) throw gone();
      line = concat(line, piece);
      if (line.length > STREAM_LINE_MAX_BYTES && !line.includes(LINE_FEED)) throw notARelay();
    }
    const end = line.indexOf(LINE_FEED);
    const rest = line.slice(end + 1);
    if (rest.length > 0) this.#unread.unshift(rest);
    this.#unreadBytes += rest.length;
    this.#isAnswered = true;
    readAnswer(line.subarray(0, end));
  }

  /** @returns undefined when the other side has ended, and everything is read */
  async read(): Promise<Bytes | undefined> {
    for (;;) {
      const piece = this.#unread.shift();
      if (piece !== undefined) {
        this.#unreadBytes -= piece.length;
        return piece;
      }
      if (this.#closed.signal.aborted) return undefined;
      await this.#news.wait(LONG_MS, this.#closed.signal);
    }
  }

  /** Aborts when the connection has ended, perhaps with something unread. */
  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  /** What was written before still leaves. */
  close(): void {
    this.#socket.close();
  }

  #take(data: unknown): void {
    if (!(data instanceof ArrayBuffer)) {
      this.close();
      return;
    }
    this.#unread.push(new Uint8Array(data));
    this.#unreadBytes += data.byteLength;
    if (this.#unreadBytes > UNREAD_MAX_BYTES) this.close();
    this.#news.notify();
  }
}

/** Whoever reads is woken by news, or by the end; this is only to look anew. */
const LONG_MS = 60_000;

function readAnswer(line: Bytes): void {
  let answer: unknown;
  try {
    answer = JSON.parse(fromUtf8(line));
  } catch {
    throw notARelay();
  }
  if (v.is(okSchema, answer)) return;
  const refusal = v.safeParse(wireErrorSchema, answer);
  throw refusal.success ? errorOf(refusal.output.error.code) : notARelay();
}

function notARelay(): OnionferryError {
  return new OnionferryError('ERR_PROTOCOL', 'what answers there is not an onionferry relay');
}

function gone(): OnionferryError {
  return new OnionferryError('ERR_PEER_GONE', 'the connection to the other side broke');
}
