import { Readable } from 'node:stream';
import { ReadableStream } from 'node:stream/web';
import { NAME_MAX } from '../../stream/manifest.js';
import { assertGiven, usageError } from '../options.js';

/**
 * What `send` sends:
 *
 * - files and folders, by their paths
 * - a text note of at most 1 MiB, which is shown on the other side
 * - one file from memory, or from a `Blob`; a `File` has its name
 * - one file from a stream of bytes, which can be sent only once. With `size`, in bytes, the
 *   recipient knows how much will come; a stream that gives more or less then fails (ERR_SOURCE)
 */
export type SendInput =
  | readonly string[]
  | File
  | { readonly text: string }
  | { readonly content: File; readonly name?: string }
  | { readonly content: Uint8Array | Blob; readonly name: string }
  | {
      readonly stream: Readable | ByteStream;
      readonly name: string;
      readonly size?: number;
    };

/**
 * A web `ReadableStream` of bytes, such as `blob.stream()` or the body of a `fetch`: written out,
 * since Node and browsers type theirs differently.
 */
export interface ByteStream {
  /** As in the Streams Standard. */
  getReader(): {
    /** The next piece, or `done`. */
    read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
  };
}

/** The same in fewer forms, checked. */
export type Sendable =
  | { readonly kind: 'paths'; readonly paths: readonly string[] }
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'content';
      readonly content: Uint8Array | Blob;
      readonly name: string;
      /** Milliseconds since 1970, if it is known */
      readonly mtime: number | undefined;
    }
  | {
      readonly kind: 'stream';
      readonly stream: Readable;
      readonly name: string;
      readonly size: number | undefined;
    };

const WHAT = 'send() takes a list of paths, or a text, content or stream with a name';

/** @throws OnionferryError ERR_USAGE if it is none of these, as callers without TypeScript may pass */
export function parseSendInput(what: unknown): Sendable {
  if (Array.isArray(what)) return { kind: 'paths', paths: pathsOf(what, 'send') };
  if (typeof what === 'string') throw usageError(`${WHAT}; for one path write send([path])`);
  if (typeof what !== 'object' || what === null) throw usageError(WHAT);
  if (isBlob(what)) return contentOf(what, undefined);
  const given: Given = what;
  const forms = ['text', 'content', 'stream'].filter((form) => form in what);
  if (forms.length !== 1) throw usageError(WHAT);
  assertKnown(what, forms[0] === 'stream' ? ['stream', 'name', 'size'] : [...forms, 'name']);
  if ('text' in what) {
    if (typeof given.text !== 'string' || 'name' in what) {
      throw usageError('a text to send must be a string, and has no name');
    }
    return { kind: 'text', text: given.text };
  }
  if ('content' in what) return contentOf(given.content, given.name);
  return streamOf(given);
}

interface Given {
  readonly text?: unknown;
  readonly content?: unknown;
  readonly stream?: unknown;
  readonly name?: unknown;
  readonly size?: unknown;
}

/** @throws OnionferryError ERR_USAGE */
export function pathsOf(what: unknown, verb: 'send' | 'share'): readonly string[] {
  if (!Array.isArray(what)) {
    throw usageError(`${verb}() takes a list of paths; for one path write ${verb}([path])`);
  }
  if (what.length === 0) throw usageError(`name at least one file or folder to ${verb}`);
  return what.map((path: unknown) => assertGiven(path, `a path to ${verb}`));
}

function contentOf(content: unknown, given: unknown): Sendable {
  if (!(content instanceof Uint8Array || isBlob(content))) {
    throw usageError('content to send must be a Uint8Array, a Blob or a File');
  }
  const file = content instanceof Uint8Array || !isFile(content) ? undefined : content;
  const name = nameOf(given ?? file?.name);
  return { kind: 'content', content, name, mtime: file?.lastModified };
}

function streamOf({ stream, name, size }: Given): Sendable {
  if (size !== undefined && !(Number.isSafeInteger(size) && Number(size) >= 0)) {
    throw usageError('the size of a stream must be a whole number of bytes');
  }
  return {
    kind: 'stream',
    stream: readableOf(stream),
    name: nameOf(name),
    size: size === undefined ? undefined : Number(size),
  };
}

function readableOf(stream: unknown): Readable {
  if (stream instanceof Readable) return stream;
  if (stream instanceof ReadableStream) return Readable.fromWeb(stream);
  throw usageError('a stream to send must be a Readable or a web ReadableStream');
}

/** One name, as it can stand in a folder. */
function nameOf(name: unknown): string {
  const given = assertGiven(name, 'the name of what is sent');
  if (given === '.' || given === '..' || /[/\0]/.test(given) || given.length > NAME_MAX) {
    throw usageError('the name of what is sent must be the name of a file, without a folder');
  }
  return given;
}

function assertKnown(what: object, known: readonly string[]): void {
  const unknown = Object.keys(what).find((name) => !known.includes(name));
  if (unknown !== undefined) throw usageError(`${WHAT}; it does not know "${unknown}"`);
}

function isBlob(value: unknown): value is Blob {
  return value instanceof Blob;
}

function isFile(blob: Blob): blob is File {
  return 'name' in blob && 'lastModified' in blob;
}
