import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open as openFile } from 'node:fs/promises';
import type { Bytes } from '../../base/bytes.js';
import { OnionferryError } from '../../base/errors.js';
import type { ContentLayout, Placement } from '../../stream/content-layout.js';
import { unwritable } from './unwritable.js';

/** Files that may be open at once: half of them for writing, half on their way to the disk. */
const OPEN_FILES_MAX = 32;

export interface WrittenFile {
  readonly bytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

interface OpenFile {
  readonly placement: Placement;
  /** Undefined while too many other files are open. */
  handle: FileHandle | undefined;
  readonly hash: Hash;
  written: number;
  /** Length of the beginning that went through `hash` in order. */
  hashed: number;
}

/**
 * Writes content to the files it belongs to, in whatever order it comes, each byte once.
 *
 * A file is complete when all its bytes are written; it is then synced to disk and closed. Several
 * writes may be asked for at once; they are carried out one after the other.
 */
export class ContentWriter {
  readonly #layout: ContentLayout;
  readonly #pathOf: (index: number) => string;
  readonly #open = new Map<number, OpenFile>();
  readonly #completing = new Set<Promise<void>>();
  readonly #complete = new Set<number>();
  readonly #written = new Map<number, WrittenFile>();
  #turn: Promise<unknown> = Promise.resolve();
  #failure: unknown;

  constructor(layout: ContentLayout, pathOf: (index: number) => string) {
    this.#layout = layout;
    this.#pathOf = pathOf;
  }

  /** @throws OnionferryError ERR_PROTOCOL for a place that no file has, ERR_DESTINATION */
  write(position: number, content: Bytes): Promise<void> {
    const writing = this.#turn.then(() => this.#put(position, content));
    this.#turn = writing.catch(() => undefined);
    return writing;
  }

  /**
   * Waits until every file is whole and on disk. All writes must have resolved.
   *
   * @param total length of the content, which settles the size of a last file of unknown size
   * @returns by index in the manifest
   * @throws OnionferryError ERR_PROTOCOL if bytes are missing, ERR_DESTINATION
   */
  async finish(total: number): Promise<ReadonlyMap<number, WrittenFile>> {
    for (const placement of this.#layout.placements) {
      if (this.#complete.has(placement.index)) continue;
      const size = placement.entry.size ?? total - placement.start;
      const file =
        this.#open.get(placement.index) ??
        // Empty files get no data frame at all.
        (size === 0 ? await this.#enter(placement) : undefined);
      if (file === undefined) continue;
      if (file.written !== size) throw incomplete();
      await this.#finishFile(file);
    }
    await Promise.all(this.#completing);
    this.#throwFailure();
    if (this.#written.size !== this.#layout.placements.length) throw incomplete();
    return this.#written;
  }

  /** Closes whatever is open; what was written stays where it is. */
  async close(): Promise<void> {
    await this.#turn;
    const open = [...this.#open.values()];
    this.#open.clear();
    await Promise.allSettled([
      ...this.#completing,
      ...open.map(async (file) => file.handle?.close()),
    ]);
  }

  async #put(position: number, content: Bytes): Promise<void> {
    this.#throwFailure();
    if (position + content.length > this.#layout.end) {
      throw new OnionferryError('ERR_PROTOCOL', 'the other side sent more than it had offered');
    }
    let at = 0;
    for (const { placement, offset, length } of this.#layout.spans(position, content.length)) {
      const file = await this.#enter(placement);
      await this.#writeSpan(file, offset, content.subarray(at, at + length));
      at += length;
      if (file.written === placement.entry.size) await this.#finishFile(file);
    }
  }

  async #enter(placement: Placement): Promise<OpenFile> {
    const known = this.#open.get(placement.index);
    if (known !== undefined) return known;
    if (this.#complete.has(placement.index)) {
      throw new OnionferryError('ERR_PROTOCOL', 'the other side sent the same bytes twice');
    }
    const hash = createHash('sha256');
    const file: OpenFile = { placement, handle: undefined, hash, written: 0, hashed: 0 };
    file.handle = await this.#openHandle(file, 'wx+');
    this.#open.set(placement.index, file);
    return file;
  }

  /** The content of a file goes to one handle at a time: callers await each write. */
  async #openHandle(file: OpenFile, flags: 'wx+' | 'r+'): Promise<FileHandle> {
    if (this.#completing.size >= OPEN_FILES_MAX / 2) await Promise.race(this.#completing);
    const open = [...this.#open.values()].filter((other) => other.handle !== undefined);
    if (open.length >= OPEN_FILES_MAX / 2) {
      const oldest = open[0];
      const handle = oldest?.handle;
      if (oldest !== undefined) oldest.handle = undefined;
      await handle?.close();
    }
    const path = this.#pathOf(file.placement.index);
    return await openFile(path, flags, 0o600).catch((cause: unknown) => {
      throw unwritable(path, cause);
    });
  }

  async #writeSpan(file: OpenFile, offset: number, bytes: Bytes): Promise<void> {
    file.handle ??= await this.#openHandle(file, 'r+');
    const writing = writeAll(file.handle, offset, bytes);
    // Here, while another thread writes.
    if (offset === file.hashed) {
      file.hash.update(bytes);
      file.hashed += bytes.length;
    }
    await writing.catch((cause: unknown) => {
      throw unwritable(this.#pathOf(file.placement.index), cause);
    });
    file.written += bytes.length;
  }

  /** Syncs in the background, so that the next file's bytes need not wait for the disk. */
  async #finishFile(file: OpenFile): Promise<void> {
    this.#open.delete(file.placement.index);
    this.#complete.add(file.placement.index);
    const completing = this.#settle(file)
      .catch((error: unknown) => {
        this.#failure ??= error;
      })
      .finally(() => this.#completing.delete(completing));
    this.#completing.add(completing);
    if (this.#completing.size >= OPEN_FILES_MAX / 2) await Promise.race(this.#completing);
  }

  async #settle(file: OpenFile): Promise<void> {
    const { index } = file.placement;
    const handle = file.handle ?? (await this.#openHandle(file, 'r+'));
    try {
      await hashRest(handle, file);
      await handle.sync();
      const sha256 = file.hash.digest('hex');
      this.#written.set(index, { bytes: file.written, sha256 });
    } catch (cause) {
      throw unwritable(this.#pathOf(index), cause);
    } finally {
      await handle.close();
    }
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure as Error; // only errors are put there
  }
}

async function writeAll(handle: FileHandle, offset: number, bytes: Bytes): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const left = bytes.length - done;
    const { bytesWritten } = await handle.write(bytes, done, left, offset + done);
    done += bytesWritten;
  }
}

/** What did not come in order is read back. */
async function hashRest(handle: FileHandle, file: OpenFile): Promise<void> {
  const buffer = new Uint8Array(Math.min(1024 * 1024, file.written - file.hashed));
  while (file.hashed < file.written) {
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, file.hashed);
    if (bytesRead === 0) throw new Error('the file is shorter than what was written to it');
    file.hash.update(buffer.subarray(0, bytesRead));
    file.hashed += bytesRead;
  }
}

function incomplete(): OnionferryError {
  return new OnionferryError(
    'ERR_PROTOCOL',
    'the other side said that it had sent everything, but something is missing; try again',
  );
}
