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

/** One file whose bytes come from a stream of unknown length, such as stdin. */
export function streamSource(input: Readable, name: string): Source {
  return new StreamSource(input, name);
}

class StreamSource implements Source, Growth {
  readonly manifest: Manifest;
  readonly warnings: readonly string[] = [];
  readonly #input: Readable;
  readonly #pieces: AsyncIterator<Uint8Array>;
  /** What may have to be read again, in order, from `#keptFrom` to `length`. */
  readonly #kept: Uint8Array[] = [];
  #keptFrom = 0;
  /** Read from the input, but not part of the content yet. */
  #rest: Uint8Array = new Uint8Array();
  #coming: Promise<number> | undefined;
  length = 0;
  isOver = false;

  constructor(input: Readable, name: string) {
    const entry = { path: [name], size: null, mode: 0o644, mtime: Date.now() };
    this.manifest = { kind: 'files', entries: [{ type: 'file', ...entry }] };
    this.#input = input;
    // A Readable yields Buffers as long as nobody sets an encoding or object mode.
    this.#pieces = (input as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
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
    while (this.#rest.length === 0) {
      const next = await this.#pieces.next().catch((cause: unknown) => {
        throw unreadable('the input', cause);
      });
      if (next.done === true) {
        this.isOver = true;
        return 0;
      }
      this.#rest = next.value;
    }
    const piece = this.#rest.subarray(0, FRAME_CONTENT_BYTES);
    this.#rest = this.#rest.subarray(piece.length);
    this.#kept.push(piece);
    this.length += piece.length;
    return piece.length;
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
