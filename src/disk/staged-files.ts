import { closeSync, constants, openSync, rmSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { Bytes } from '../base/bytes.js';
import { systemCode } from '../base/system-error.js';
import { readExactly, readExactlySync, writeExactly, writeExactlySync } from './exact-io.js';
import { CREATE_NEW, NO_LINK } from './open-flags.js';
import { isUnsupported } from './unsupported.js';
import { unwritable } from './unwritable.js';

/** Files that may be open for writing at once. */
const OPEN_FILES_MAX = 16;
const { O_RDONLY, O_RDWR, O_WRONLY } = constants;

/** Zeros are left out in blocks of this size, at multiples of it: no file system has larger ones. */
const HOLE_BYTES = 64 * 1024;
const ZEROS: Buffer = Buffer.alloc(HOLE_BYTES);

/**
 * The files of a staging folder, by their index in the manifest. None is ever opened through a
 * link, and none is used that somebody else made.
 *
 * Writes must not overlap in time.
 */
export class StagedFiles {
  readonly pathOf: (index: number) => string;
  /** Files that are there, and ours. */
  readonly #made: Set<number>;
  /** Least recently used first. */
  readonly #open = new Map<number, FileHandle>();

  constructor(pathOf: (index: number) => string, made: Iterable<number> = []) {
    this.pathOf = pathOf;
    this.#made = new Set(made);
  }

  has(index: number): boolean {
    return this.#made.has(index);
  }

  /** Writes a whole file without awaiting. @throws OnionferryError ERR_DESTINATION, ERR_DISK_FULL */
  put(index: number, content: Bytes): void {
    const path = this.pathOf(index);
    try {
      if (this.#made.has(index)) rmSync(path, { force: true });
      const fd = openSync(path, O_WRONLY | CREATE_NEW, 0o600);
      try {
        writeExactlySync(fd, content);
      } finally {
        closeSync(fd);
      }
      this.#made.add(index);
    } catch (cause) {
      throw unwritable(path, cause);
    }
  }

  /**
   * Begins at once if the file is open, so that the caller can do something else meanwhile. Blocks
   * of zeros become holes, where the file system can.
   *
   * @throws OnionferryError ERR_DESTINATION, ERR_DISK_FULL
   */
  async write(index: number, offset: number, bytes: Bytes): Promise<void> {
    try {
      const handle = this.#used(index) ?? (await this.#opened(index));
      for (const { start, end, isHole } of pieces(offset, bytes)) {
        if (isHole && (await leaveHole(handle, offset + start, offset + end))) continue;
        await writeExactly(handle, offset + start, bytes.subarray(start, end));
      }
    } catch (cause) {
      throw unwritable(this.pathOf(index), cause);
    }
  }

  /** Reads without awaiting. @throws the system's error; one if the file is too short */
  readSmall(index: number, offset: number, into: Bytes): void {
    const fd = openSync(this.pathOf(index), O_RDONLY | NO_LINK);
    try {
      readExactlySync(fd, offset, into);
    } finally {
      closeSync(fd);
    }
  }

  openForReading(index: number): Promise<FileHandle> {
    return open(this.pathOf(index), O_RDONLY | NO_LINK);
  }

  /**
   * Brings a file that is closed to the disk.
   *
   * @param onLost called if that fails and the disk may lack what was written, although it reads as
   *   if it were there
   * @throws OnionferryError ERR_DESTINATION, ERR_DISK_FULL
   */
  async sync(index: number, onLost: () => void = () => undefined): Promise<void> {
    const path = this.pathOf(index);
    try {
      // Windows syncs only what is open for writing.
      const handle = await open(path, O_RDWR | NO_LINK);
      try {
        await handle.datasync().catch((error: unknown) => {
          if (isUnsupported(error)) return;
          onLost();
          throw error;
        });
      } finally {
        await handle.close();
      }
    } catch (cause) {
      throw unwritable(path, cause);
    }
  }

  /** @throws OnionferryError ERR_DESTINATION, ERR_DISK_FULL: a network drive may say it only now */
  async close(index: number): Promise<void> {
    const handle = this.#open.get(index);
    this.#open.delete(index);
    await handle?.close().catch((cause: unknown) => {
      throw unwritable(this.pathOf(index), cause);
    });
  }

  async closeAll(): Promise<void> {
    await Promise.allSettled([...this.#open.keys()].map((index) => this.close(index)));
  }

  /** A file that is open. */
  #used(index: number): FileHandle | undefined {
    const known = this.#open.get(index);
    if (known !== undefined) {
      this.#open.delete(index);
      this.#open.set(index, known);
    }
    return known;
  }

  async #opened(index: number): Promise<FileHandle> {
    const [oldest] = this.#open.keys();
    if (oldest !== undefined && this.#open.size >= OPEN_FILES_MAX) await this.close(oldest);
    const handle = await this.#openOrCreate(index);
    this.#made.add(index);
    this.#open.set(index, handle);
    return handle;
  }

  async #openOrCreate(index: number): Promise<FileHandle> {
    const path = this.pathOf(index);
    if (this.#made.has(index)) {
      try {
        return await open(path, O_RDWR | NO_LINK);
      } catch (error) {
        // Somebody has removed it; what it held counts as damaged, and is written again.
        if (systemCode(error) !== 'ENOENT') throw error;
      }
    }
    return await open(path, O_RDWR | CREATE_NEW, 0o600);
  }
}

interface Piece {
  readonly start: number;
  readonly end: number;
  readonly isHole: boolean;
}

/** Cuts what goes to `offset` into what is written and blocks that are all zero; mostly one piece. */
function pieces(offset: number, bytes: Bytes): Piece[] {
  const cut: Piece[] = [];
  let written = 0;
  for (
    let at = (HOLE_BYTES - (offset % HOLE_BYTES)) % HOLE_BYTES;
    at + HOLE_BYTES <= bytes.length;
    at += HOLE_BYTES
  ) {
    if (bytes[at] !== 0 || ZEROS.compare(bytes, at, at + HOLE_BYTES) !== 0) continue;
    if (written < at) cut.push({ start: written, end: at, isHole: false });
    written = at + HOLE_BYTES;
    const before = cut.at(-1);
    const start = before?.isHole === true && before.end === at ? (cut.pop()?.start ?? at) : at;
    cut.push({ start, end: written, isHole: true });
  }
  if (written < bytes.length) cut.push({ start: written, end: bytes.length, isHole: false });
  return cut;
}

/** Makes a part of a file read as zeros without writing any. @returns whether that was possible */
async function leaveHole(handle: FileHandle, start: number, end: number): Promise<boolean> {
  try {
    const { size } = await handle.stat();
    // Mostly a hole already, made when something behind it was written; but it may be damaged content.
    const buffer = Buffer.alloc(HOLE_BYTES);
    for (let at = start; at < Math.min(size, end); at += buffer.length) {
      const part = buffer.subarray(0, Math.min(size, end, at + HOLE_BYTES) - at);
      await readExactly(handle, at, part);
      if (ZEROS.compare(part, 0, part.length, 0, part.length) !== 0) return false;
    }
    if (size < end) await handle.truncate(end);
    return true;
  } catch {
    // What is really wrong shows when the zeros are written.
    return false;
  }
}
