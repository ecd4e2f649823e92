import { closeSync, constants, fdatasync, openSync, rmSync, writeSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Bytes } from '../base/bytes.js';
import { systemCode } from '../base/system-error.js';
import { CREATE_NEW, NO_LINK } from './open-flags.js';
import { readExactlySync } from './read-exactly.js';
import { unwritable } from './unwritable.js';

/** Files that may be open for writing at once. */
const OPEN_FILES_MAX = 16;
const { O_RDONLY, O_RDWR, O_WRONLY } = constants;

const datasync = promisify(fdatasync);

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
        for (let done = 0; done < content.length; ) done += writeSync(fd, content, done);
      } finally {
        closeSync(fd);
      }
      this.#made.add(index);
    } catch (cause) {
      throw unwritable(path, cause);
    }
  }

  /**
   * Begins at once if the file is open, so that the caller can do something else meanwhile.
   *
   * @throws OnionferryError ERR_DESTINATION, ERR_DISK_FULL
   */
  async write(index: number, offset: number, bytes: Bytes): Promise<void> {
    try {
      const handle = this.#used(index) ?? (await this.#opened(index));
      for (let done = 0; done < bytes.length; ) {
        const left = bytes.length - done;
        const { bytesWritten } = await handle.write(bytes, done, left, offset + done);
        done += bytesWritten;
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

  /** Brings a file that is closed to the disk. @throws OnionferryError ERR_DESTINATION, ERR_DISK_FULL */
  async sync(index: number): Promise<void> {
    const path = this.pathOf(index);
    try {
      // Windows syncs only what is open for writing.
      const fd = openSync(path, O_RDWR | NO_LINK);
      try {
        await datasync(fd);
      } finally {
        closeSync(fd);
      }
    } catch (cause) {
      throw unwritable(path, cause);
    }
  }

  async close(index: number): Promise<void> {
    const handle = this.#open.get(index);
    this.#open.delete(index);
    await handle?.close();
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
