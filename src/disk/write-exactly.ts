import { writeSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import type { Bytes } from '../base/bytes.js';

/** A file system that takes nothing, and does not say why. */
function tookNothing(): Error {
  return new Error('the file system wrote nothing');
}

/**
 * Writes all of `bytes` at `offset`. One write may write only a part without failing, as on a disk
 * that is nearly full (POSIX write): only the next one says why.
 *
 * @throws the system's error
 */
export async function writeExactly(
  handle: FileHandle,
  offset: number,
  bytes: Bytes,
): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const left = bytes.length - done;
    const { bytesWritten } = await handle.write(bytes, done, left, offset + done);
    if (bytesWritten === 0) throw tookNothing();
    done += bytesWritten;
  }
}

/** As `writeExactly` at the beginning of a file, without awaiting. */
export function writeExactlySync(fd: number, bytes: Bytes): void {
  for (let done = 0; done < bytes.length; ) {
    const bytesWritten = writeSync(fd, bytes, done, bytes.length - done, done);
    if (bytesWritten === 0) throw tookNothing();
    done += bytesWritten;
  }
}
