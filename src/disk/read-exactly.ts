import { readSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import type { Bytes } from '../base/bytes.js';

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
