import type { Bytes } from '../../base/bytes.js';
import { unreadable } from '../../disk/unreadable.js';
import type { Source } from '../../session/sending/source.js';

/** Bytes in memory, or a Blob, which may be a file on disk. Neither changes. */
export type Content = Uint8Array | Blob;

export function contentLength(content: Content): number {
  return content instanceof Uint8Array ? content.length : content.size;
}

/** @throws OnionferryError ERR_SOURCE if a Blob of a file cannot be read, or the file has changed */
export async function readContent(
  content: Content,
  start: number,
  end: number,
): Promise<Uint8Array> {
  if (content instanceof Uint8Array) return content.subarray(start, end);
  try {
    return new Uint8Array(await content.slice(start, end).arrayBuffer());
  } catch (cause) {
    throw unreadable('the content', cause);
  }
}

/** One file of content that is there already. It can be sent any number of times. */
export function contentSource(content: Content, name: string, mtime: number = Date.now()): Source {
  const size = contentLength(content);
  const entry = { path: [name], size, mode: 0o644, mtime };
  return {
    manifest: { kind: 'files', entries: [{ type: 'file', ...entry }] },
    warnings: [],
    async read(position, into: Bytes): Promise<number> {
      const part = await readContent(content, position, Math.min(size, position + into.length));
      into.set(part);
      return part.length;
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
