import { type BigIntStats, fstatSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { OnionferryError } from '../../base/errors.js';
import type { ByteRange } from './byte-range.js';
import { fileEtag } from './file-etag.js';
import { mediaTypeOf } from './media-type.js';
import type { Representation } from './representation.js';

/** One read: what 200 downloads hold at once stays small, and larger ones gain no speed. */
const PIECE_BYTES = 128 * 1024;

export interface FileRepresentationOptions {
  readonly name: string;
  readonly disposition: Representation['disposition'];
}

/** An open file as it is at this moment; whoever opened it closes it. */
export function fileRepresentation(
  handle: FileHandle,
  { name, disposition }: FileRepresentationOptions,
): Representation {
  const stats = fstatSync(handle.fd, { bigint: true });
  return {
    size: Number(stats.size),
    etag: fileEtag(stats),
    modified: new Date(Number(stats.mtimeMs)),
    type: mediaTypeOf(name),
    name,
    disposition,
    open: (range) => readUnchanged(handle, stats, range),
  };
}

/**
 * Reads a part of an open file piece by piece; no piece is given away after the file has changed,
 * so that whoever gets the last one has all of one version.
 *
 * @throws OnionferryError ERR_SOURCE_CHANGED
 */
export async function* readUnchanged(
  handle: FileHandle,
  stats: BigIntStats,
  { start, end }: ByteRange,
): AsyncGenerator<Uint8Array> {
  for (let at = start; at < end; ) {
    const buffer = Buffer.allocUnsafeSlow(Math.min(PIECE_BYTES, end - at));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, at);
    if (bytesRead === 0 || !isUnchanged(fstatSync(handle.fd, { bigint: true }), stats)) {
      throw new OnionferryError('ERR_SOURCE_CHANGED', 'a file changed while it was downloaded');
    }
    yield buffer.subarray(0, bytesRead);
    at += bytesRead;
  }
}

/** Whether nothing has been written to a file since. */
export function isUnchanged(now: BigIntStats, then: BigIntStats): boolean {
  return (
    now.dev === then.dev &&
    now.ino === then.ino &&
    now.size === then.size &&
    now.mtimeNs === then.mtimeNs &&
    now.ctimeNs === then.ctimeNs
  );
}
