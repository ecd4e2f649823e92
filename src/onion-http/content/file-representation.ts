import { type BigIntStats, fstatSync, read as readWithCallback } from 'node:fs';
import { promisify } from 'node:util';
import mime from 'mime-types';
import { OnionferryError } from '../../base/errors.js';
import type { ByteRange } from './conditions.js';
import type { Representation } from './representation.js';
import { fileEtag, identityOf } from './representation.js';

/** One read in bytes: 200 downloads at once hold little memory, and larger reads are not faster. */
export const PIECE_BYTES: number = 64 * 1024;

const read = promisify(readWithCallback);

/** A file that is open for reading, such as a FileHandle. */
export interface Readable {
  readonly fd: number;
}

export interface FileRepresentationOptions {
  readonly name: string;
  readonly disposition: Representation['disposition'];
  /**
   * Serves a file that grows, such as a log, as long as it is now. Only its length is watched then:
   * one that is rewritten instead may arrive mixed.
   */
  readonly mayGrow?: boolean;
}

/** An open file as it is at this moment. The caller closes it, once the reply is through. */
export function fileRepresentation(
  file: Readable,
  { name, disposition, mayGrow = false }: FileRepresentationOptions,
): Representation {
  const stats = fstatSync(file.fd, { bigint: true });
  return {
    size: Number(stats.size),
    etag: fileEtag(stats),
    modified: new Date(Number(stats.mtimeMs)),
    type: mediaTypeOf(name),
    name,
    disposition,
    open: (range) => readUnchanged(file, stats, range, mayGrow),
  };
}

/**
 * Reads a part of an open file piece by piece. No piece is handed out after the file has changed,
 * so a client that gets the last one has all of one version.
 *
 * @throws OnionferryError ERR_SOURCE_CHANGED
 */
export async function* readUnchanged(
  { fd }: Readable,
  stats: BigIntStats,
  { start, end }: ByteRange,
  mayGrow = false,
): AsyncGenerator<Buffer> {
  const identity = identityOf(stats);
  const isSame = (now: BigIntStats): boolean =>
    mayGrow ? now.size >= stats.size : identityOf(now) === identity;
  for (let at = start; at < end; ) {
    const buffer = Buffer.allocUnsafeSlow(Math.min(PIECE_BYTES, end - at));
    const { bytesRead } = await read(fd, buffer, 0, buffer.length, at);
    if (bytesRead === 0 || !isSame(fstatSync(fd, { bigint: true }))) {
      throw changedMeanwhile();
    }
    yield buffer.subarray(0, bytesRead);
    at += bytesRead;
  }
}

/** By the extension of a name, with a charset for text; otherwise plain bytes. */
export function mediaTypeOf(name: string): string {
  const type = mime.lookup(name);
  return type === false ? 'application/octet-stream' : mime.contentType(type) || type;
}

export function changedMeanwhile(): OnionferryError {
  return new OnionferryError('ERR_SOURCE_CHANGED', 'a file changed while it was being downloaded');
}
