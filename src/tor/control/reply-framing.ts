import { Duplex } from 'node:stream';
import { controlError } from './quoting.js';

/** The longest reply that we ask tor for is far shorter. */
export const REPLY_BYTES_MAX: number = 1024 * 1024;

const LINE_END = '\r\n';
/** An asynchronous event begins with this digit (control-spec section 2.3). */
const EVENT = '6';

/**
 * Stands between tor's control socket and granax: each chunk read from it is exactly one reply.
 *
 * Data blocks (`250+key=`, dot-stuffed lines, `.`) become middle lines (`250-…`). Refusals repeat
 * their status in the text. ../README.md says why granax needs this.
 */
export class ReplyFraming extends Duplex {
  readonly #socket: Duplex;
  #rest = '';
  #restBytes = 0;
  #reply: string[] = [];
  /** The status of the data block that is being read. */
  #block: string | undefined;
  /** Commands without a reply yet. */
  #awaited = 0;

  constructor(socket: Duplex) {
    super({ readableObjectMode: true, decodeStrings: false, allowHalfOpen: false });
    this.#socket = socket;
    // Latin-1 keeps every byte, however the chunks are cut; text is decoded once a line is whole.
    socket.on('data', (chunk: Buffer) => this.#take(chunk.toString('latin1')));
    socket.on('error', (error) => this.destroy(error));
    socket.on('close', () => this.push(null));
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(
    chunk: string | Buffer,
    _encoding: BufferEncoding,
    callback: (error?: Error | null) => void,
  ): void {
    this.#awaited++;
    this.#socket.write(chunk, callback);
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#socket.destroy();
    callback(error);
  }

  #take(chunk: string): void {
    const lines = (this.#rest + chunk).split(LINE_END);
    this.#rest = lines.pop() ?? '';
    this.#restBytes += chunk.length;
    for (const line of lines) {
      if (this.destroyed) return;
      this.#takeLine(Buffer.from(line, 'latin1').toString());
    }
    if (this.#restBytes > REPLY_BYTES_MAX) this.#refuse('a reply is longer than any of its own');
  }

  #takeLine(line: string): void {
    if (this.#block !== undefined) {
      if (line === '.') this.#block = undefined;
      else this.#reply.push(`${this.#block}-${line.startsWith('.') ? line.slice(1) : line}`);
      return;
    }
    const [, status, separator, text = ''] = /^([2-6]\d\d)([-+ ])(.*)$/s.exec(line) ?? [];
    if (status === undefined) {
      this.#refuse('a reply does not begin with a status');
      return;
    }
    this.#reply.push(
      `${status}${separator === '+' ? '-' : (separator ?? '')}${withStatus(status, text)}`,
    );
    if (separator === '+') this.#block = status;
    if (separator === ' ') this.#finish(status);
  }

  #finish(status: string): void {
    const reply = this.#reply;
    this.#reply = [];
    this.#restBytes = this.#rest.length;
    if (status.startsWith(EVENT)) {
      // granax emits an event under the name tor gives it: none may be 'error' or 'close'.
      if (!/^\d\d\d[- ][A-Z0-9_]+( |$)/.test(reply[0] ?? '')) return;
    } else if (this.#awaited-- <= 0) {
      this.#refuse('a reply answers nothing that was asked');
      return;
    }
    if (!this.push(reply.join(LINE_END))) this.#socket.pause();
  }

  #refuse(what: string): void {
    this.destroy(controlError(`what answers on the control port is not tor: ${what}`));
  }
}

function withStatus(status: string, text: string): string {
  return /^[45]/.test(status) ? `${status} ${text}` : text;
}
