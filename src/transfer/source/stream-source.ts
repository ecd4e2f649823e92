import type { Readable } from 'node:stream';
import { type Bytes, utf8 } from '../../base/bytes.js';
import { OnionferryError } from '../../base/errors.js';
import { unreadable } from '../../disk/unreadable.js';
import type { Growth, Source } from '../../session/sending/source.js';
import { FRAME_CONTENT_BYTES } from '../../stream/frame.js';
import type { Manifest } from '../../stream/manifest.js';

/** Longest text that `--text` carries; more than a screen reader or a terminal wants to show. */
export const TEXT_MAX_BYTES: number = 1024 * 1024;

/** A text, shown on the other side instead of written to a file. */
export function textSource(text: string): Source {
  const content = utf8(text);
  if (content.length > TEXT_MAX_BYTES) {
    throw new OnionferryError(
      'ERR_SOURCE',
      `the text is longer than ${TEXT_MAX_BYTES / 1024} KiB; send it as a file`,
    );
  }
  const entry = { path: ['text'], size: content.length, mode: 0o600, mtime: Date.now() };
  return {
    manifest: { kind: 'text', entries: [{ type: 'file', ...entry }] },
    warnings: [],
    read(position, into): Promise<number> {
      const part = content.subarray(position, position + into.length);
      into.set(part);
      return Promise.resolve(part.length);
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/**
 * One file whose bytes come from a stream, such as stdin.
 *
 * @param size what the stream will hold, if that is known; anything else fails with ERR_SOURCE
 */
export function streamSource(input: Readable, name: string, size?: number): Source {
  return new StreamSource(input, name, size);
}

class StreamSource implements Source, Growth {
  readonly manifest: Manifest;
  readonly warnings: readonly string[] = [];
  readonly #input: Readable;
  readonly #pieces: AsyncIterator<unknown>;
  readonly #size: number | undefined;
  /** What may have to be read again, in order, from `#keptFrom` to `length`. */
  readonly #kept: Uint8Array[] = [];
  #keptFrom = 0;
  /** Read from the input, but not part of the content yet. */
  #rest: Uint8Array = new Uint8Array();
  #coming: Promise<number> | undefined;
  length = 0;
  isOver: boolean;

  constructor(input: Readable, name: string, size: number | undefined) {
    const entry = { path: [name], size: size ?? null, mode: 0o644, mtime: Date.now() };
    this.manifest = { kind: 'files', entries: [{ type: 'file', ...entry }] };
    this.#input = input;
    this.#size = size;
    this.isOver = size === 0;
    this.#pieces = (input as AsyncIterable<unknown>)[Symbol.asyncIterator]();
    // One that fails before somebody reads it tells who reads it then.
    input.on('error', () => undefined);
  }

  get growth(): Growth {
    return this;
  }

  /** Calls that overlap, as after reconnecting, are told of the same piece. */
  more(): Promise<number> {
    this.#coming ??= this.#next().finally(() => {
      this.#coming = undefined;
    });
    return this.#coming;
  }

  async #next(): Promise<number> {
    // What is there is sent at once: the input may be slower than the wire.
    this.#rest = this.#rest.length > 0 ? this.#rest : await this.#readInput();
    if (this.#rest.length === 0) {
      if (this.#size !== undefined) throw this.#otherSize('less');
      this.isOver = true;
      return 0;
    }
    if (this.length + this.#rest.length > (this.#size ?? Infinity)) throw this.#otherSize('more');
    const piece = this.#rest.subarray(0, FRAME_CONTENT_BYTES);
    this.#rest = this.#rest.subarray(piece.length);
    if (this.length + piece.length === this.#size) {
      // The recipient is done with the last piece, and says so: the end must be known before.
      if ((await this.#readInput()).length > 0) throw this.#otherSize('more');
      this.isOver = true;
    }
    this.#kept.push(piece);
    this.length += piece.length;
    return piece.length;
  }

  /** @returns nothing at the end */
  async #readInput(): Promise<Uint8Array> {
    for (;;) {
      const next = await this.#pieces.next().catch((cause: unknown) => {
        throw unreadable('the input', cause);
      });
      const bytes = next.done === true ? undefined : bytesOf(next.value);
      if (bytes?.length !== 0) return bytes ?? new Uint8Array();
    }
  }

  #otherSize(what: 'less' | 'more'): OnionferryError {
    const sentence = `the stream gave ${what} than the ${this.#size} bytes that were announced`;
    return new OnionferryError('ERR_SOURCE', sentence);
  }

  release(position: number): void {
    for (let first = this.#kept[0]; first !== undefined; first = this.#kept[0]) {
      if (this.#keptFrom + first.length > position) return;
      this.#keptFrom += first.length;
      this.#kept.shift();
    }
  }

  read(position: number, into: Bytes): Promise<number> {
    let at = this.#keptFrom;
    for (const piece of this.#kept) {
      if (position >= at && position < at + piece.length) {
        const part = piece.subarray(position - at, position - at + into.length);
        into.set(part);
        return Promise.resolve(part.length);
      }
      at += piece.length;
    }
    if (position === this.length) return Promise.resolve(0);
    const sentence = 'what was read from standard input is gone; send it again';
    return Promise.reject(new OnionferryError('ERR_SOURCE', sentence));
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#input.destroy();
    return Promise.resolve();
  }
}

/** A stream in object mode or with an encoding gives strings, or anything. */
function bytesOf(piece: unknown): Uint8Array {
  if (piece instanceof Uint8Array) return piece;
  if (typeof piece === 'string') return utf8(piece);
  throw new OnionferryError('ERR_SOURCE', 'the stream gave something else than bytes');
}
