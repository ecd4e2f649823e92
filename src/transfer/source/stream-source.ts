import type { Readable } from 'node:stream';
import { type Bytes, utf8 } from '../../base/bytes.js';
import { OnionferryError } from '../../base/errors.js';
import type { Manifest } from '../../stream/manifest.js';
import { unreadable } from './scan-paths.js';
import type { Source } from './source.js';

/** Longest text that `--text` carries; more than a screen reader or a terminal wants to show. */
export const TEXT_MAX_BYTES: number = 1024 * 1024;

/** A text note, shown on the other side rather than written to a file. */
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

class StreamSource implements Source {
  readonly manifest: Manifest;
  readonly warnings: readonly string[] = [];
  readonly #input: Readable;
  readonly #pieces: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array();
  #position = 0;

  constructor(input: Readable, name: string) {
    const entry = { path: [name], size: null, mode: 0o644, mtime: Date.now() };
    this.manifest = { kind: 'files', entries: [{ type: 'file', ...entry }] };
    this.#input = input;
    // A Readable yields Buffers as long as nobody sets an encoding or object mode.
    this.#pieces = (input as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
  }

  async read(position: number, into: Bytes): Promise<number> {
    if (position !== this.#position) {
      throw new OnionferryError('ERR_SOURCE', 'a stream can be sent only once, from its beginning');
    }
    // Whatever is there leaves at once: the input may be slower than the wire.
    while (this.#rest.length === 0) {
      const next = await this.#pieces.next().catch((cause: unknown) => {
        throw unreadable('the input', cause);
      });
      if (next.done === true) return 0;
      this.#rest = next.value;
    }
    const part = this.#rest.subarray(0, into.length);
    into.set(part);
    this.#rest = this.#rest.subarray(part.length);
    this.#position += part.length;
    return part.length;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#input.destroy();
    return Promise.resolve();
  }
}
