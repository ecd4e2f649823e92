import type { Readable } from 'node:stream';
import { isatty } from 'node:tty';
import { usageError } from '../../api/options.js';
import { concat } from '../../base/bytes.js';
import { untilAborted } from '../../base/deadline.js';

const LINE_FEED = 0x0a;
/** How long lines that belong together may be apart. */
const QUIET_MS = 2000;

/** Standard input, which can be used for one thing only. */
export class StandardInput {
  readonly #open: () => Readable;
  readonly #onHangUp: () => void;
  readonly isTerminal: boolean;
  #stream: Readable | undefined;
  #claim: string | undefined;

  /**
   * @param open called when input is needed: an open stdin can keep a process alive
   * @param onHangUp called when it is a terminal that was closed, before its end is read
   */
  constructor(isTerminal: boolean, open: () => Readable, onHangUp: () => void) {
    this.isTerminal = isTerminal;
    this.#open = open;
    this.#onHangUp = onHangUp;
  }

  /**
   * @param what it is used for, as errors name it: "the password"
   * @throws OnionferryError ERR_USAGE if it is used for something else
   */
  claim(what: string): Readable {
    if (this.#claim !== undefined) {
      throw usageError(`standard input cannot be both ${this.#claim} and ${what}`);
    }
    this.#claim = what;
    return this.#opened();
  }

  /** The keyboard, for one question after another. @throws as `claim` does */
  keyboard(what: string): Readable {
    return this.#claim === undefined ? this.#opened() : this.claim(what);
  }

  /**
   * Reads to the first line feed or the end: a writer may keep the pipe open, as `send` does after
   * printing its invitation.
   *
   * @returns more than `maxBytes` if there is more
   * @throws OnionferryError as `claim` does; the signal's reason
   */
  async readLine(what: string, maxBytes: number, signal: AbortSignal): Promise<Uint8Array> {
    const read = await this.#read(what, signal, (bytes, chunk) => {
      return bytes > maxBytes || chunk.includes(LINE_FEED);
    });
    const end = read.indexOf(LINE_FEED);
    return end < 0 ? read : read.subarray(0, end + 1);
  }

  /**
   * Reads lines until they are enough, to the end, or until nothing has come for a while: a writer
   * may keep the pipe open behind something that will never be enough.
   *
   * @returns more than `maxBytes` if there is more
   * @throws OnionferryError as `claim` does; the signal's reason
   */
  async readLines(
    what: string,
    maxBytes: number,
    signal: AbortSignal,
    isEnough: (read: Uint8Array) => boolean,
  ): Promise<Uint8Array> {
    let read: Uint8Array = new Uint8Array();
    const quiet = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const stop = AbortSignal.any([signal, quiet.signal]);
    try {
      return await this.#read(what, stop, (bytes, chunk) => {
        read = concat(read, chunk);
        clearTimeout(timer);
        if (read.includes(LINE_FEED)) timer = setTimeout(() => quiet.abort(), QUIET_MS);
        const end = read.lastIndexOf(LINE_FEED) + 1;
        return bytes > maxBytes || (end > 0 && isEnough(read.subarray(0, end)));
      });
    } catch (error) {
      signal.throwIfAborted();
      if (!quiet.signal.aborted) throw error;
      return read;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Reads to the end. @returns more than `maxBytes` if there is more @throws as `readLine` does */
  async readAll(what: string, maxBytes: number, signal: AbortSignal): Promise<Uint8Array> {
    return await this.#read(what, signal, (bytes) => bytes > maxBytes);
  }

  /** Closes it, so that an open pipe or a terminal does not keep the process alive. */
  close(): void {
    this.#stream?.destroy();
  }

  #opened(): Readable {
    if (this.#stream !== undefined) return this.#stream;
    const stream = this.#open();
    this.#stream = stream;
    if (this.isTerminal) {
      // Before anybody takes the end for an answer, or for that of what was typed.
      const lookForTerminal = (): void => {
        if (!isatty(0)) this.#onHangUp();
      };
      stream.on('end', lookForTerminal);
      stream.on('error', lookForTerminal);
    }
    return stream;
  }

  async #read(
    what: string,
    signal: AbortSignal,
    isEnough: (bytes: number, chunk: Uint8Array) => boolean,
  ): Promise<Uint8Array> {
    const stream = this.claim(what);
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    const read = new Promise<Uint8Array>((resolve, reject) => {
      const end = (): void => resolve(concat(...chunks));
      stream.on('data', (chunk: Uint8Array) => {
        chunks.push(chunk);
        bytes += chunk.length;
        if (isEnough(bytes, chunk)) end();
      });
      stream.once('end', end);
      stream.once('error', reject);
    });
    try {
      return await untilAborted(read, signal);
    } finally {
      stream.removeAllListeners('data');
      stream.pause();
    }
  }
}
