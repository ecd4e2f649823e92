import { fstatSync, readSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { SMALL_FILE_BYTES } from '../disk/small-file.js';
import type { OpenFile } from '../disk/tree/folder.js';
import type { ByteRange } from '../onion-http/content/byte-range.js';
import { identityOf } from '../onion-http/content/file-etag.js';
import { changedMeanwhile, readUnchanged } from '../onion-http/content/file-representation.js';

/** A part of a file that was just opened; small ones are read without awaiting. */
export async function* readContent(file: OpenFile, part: ByteRange): AsyncGenerator<Buffer> {
  if (file.stats.size <= SMALL_FILE_BYTES) yield readSmall(file, part);
  else yield* readUnchanged(file, file.stats, part);
}

/** The CRC-32 of a whole file. */
export async function readChecksum(file: OpenFile, signal: AbortSignal): Promise<number> {
  let crc = 0;
  for await (const piece of readContent(file, { start: 0, end: Number(file.stats.size) })) {
    signal.throwIfAborted();
    crc = crc32(piece, crc);
  }
  return crc;
}

function readSmall({ fd, stats }: OpenFile, { start, end }: ByteRange): Buffer {
  const buffer = Buffer.allocUnsafe(end - start);
  for (let got = 0; got < buffer.length; ) {
    const bytesRead = readSync(fd, buffer, got, buffer.length - got, start + got);
    if (bytesRead === 0) throw changedMeanwhile();
    got += bytesRead;
  }
  if (identityOf(fstatSync(fd, { bigint: true })) !== identityOf(stats)) throw changedMeanwhile();
  return buffer;
}
