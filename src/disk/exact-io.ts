import { readSync, writeSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import type { Bytes } from '../base/bytes.js';

/*
 * One read or write may do a part of what it is asked, without failing: a write on a disk that is
 * nearly full, for instance, of which only the next one says why (POSIX read, write).
 */

/** A file ended before what was to be read of it. */
export class FileTooShort extends Error {
  constructor() {
    super('the file is shorter than it was');
  }
}

/** Fills `into` from `offset` on. @throws FileTooShort, or the system's error */
export async function readExactly(handle: FileHandle, offset: number, into: Bytes): Promise<void> {
  for (let got = 0; got < into.length; ) {
    const { bytesRead } = await handle.read(into, got, into.length - got, offset + got);
    if (bytesRead === 0) throw new FileTooShort();
    got += bytesRead;
  }
}

/** As `readExactly`, without awaiting. */
export function readExactlySync(fd: number, offset: number, into: Uint8Array): void {
  for (let got = 0; got < into.length; ) {
    const bytesRead = readSync(fd, into, got, into.length - got, offset + got);
    if (bytesRead === 0) throw new FileTooShort();
    got += bytesRead;
  }
}

/** Writes all of `bytes` at `offset`. @throws the system's error */
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

function tookNothing(): Error {
  return new Error('the file system wrote nothing, and does not say why');
}
