import { hash } from 'node:crypto';
import type { Bytes } from '../../base/bytes.js';
import { OnionferryError } from '../../base/errors.js';
import { nextTurn, SMALL_FILE_BYTES, Turns } from '../../disk/small-file.js';
import type { StagedFiles } from '../../disk/staged-files.js';
import { SyncQueue } from '../../disk/sync-queue.js';
import type { ContentLayout, Placement } from '../../stream/content-layout.js';
import { chunkAt, chunkRange } from '../../stream/journal.js';
import { type Range, Ranges } from '../../stream/ranges.js';
import { chunkMac } from '../record/chunk-mac.js';
import type { JournalFile } from '../record/journal-file.js';
import { Verification } from './verification.js';

export interface WrittenFile {
  readonly bytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

export interface ContentWriterOptions {
  readonly layout: ContentLayout;
  readonly files: StagedFiles;
  /** Where chunks are noted that are written, and the key of their MACs. */
  readonly journal?: { readonly file: JournalFile; readonly key: Bytes } | undefined;
  /** MACs of the chunks that an earlier process has written, by number, ascending. */
  readonly believed?: ReadonlyMap<number, Bytes>;
}

/**
 * Writes content to the files it belongs to, in whatever order it comes, each byte once.
 *
 * Several writes may be asked for at once; they are carried out one after the other. A file whose
 * bytes are all written is closed and synced in the background; hashing follows by itself.
 */
export class ContentWriter {
  readonly #options: ContentWriterOptions;
  readonly #layout: ContentLayout;
  readonly #files: StagedFiles;
  /** What was asked to be written, and what is. */
  readonly #claimed = new Ranges();
  readonly #written = new Ranges();
  /** What proved to be damaged and was not brought anew yet. */
  readonly #corrupt = new Ranges();
  /** Bytes missing in the files that are written to in parts. */
  readonly #missing = new Map<number, number>();
  readonly #hashes = new Map<number, string>();
  readonly #syncs: SyncQueue;
  readonly #verification: Verification;
  readonly #turns = new Turns();
  #onCorrupt: ((start: number, end: number) => void) | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #failure: unknown;

  constructor(options: ContentWriterOptions) {
    const { layout, files, journal, believed = new Map<number, Bytes>() } = options;
    this.#options = options;
    this.#layout = layout;
    this.#files = files;
    this.#syncs = new SyncQueue((index) => files.sync(index));
    for (const chunk of believed.keys()) this.#believe(chunkRange(chunk, layout.end));
    this.#verification = new Verification({
      layout,
      files,
      written: this.#written,
      hashes: this.#hashes,
      unchecked: new Map(believed),
      macOf: (chunk, content) =>
        journal === undefined ? new Uint8Array() : chunkMac(journal.key, chunk, content),
      onCorrupt: (range) => this.#tear(range),
    });
  }

  /** What is written, or believed to be. */
  get written(): Ranges {
    return new Ranges(this.#written);
  }

  /** @throws OnionferryError ERR_PROTOCOL for a place that no file has, ERR_DESTINATION */
  write(position: number, content: Bytes): Promise<void> {
    const writing = this.#turn
      .then(() => this.#put(position, content))
      .catch((error: unknown) => {
        this.#failure ??= error;
        throw error;
      });
    this.#turn = writing.catch(() => undefined);
    return writing;
  }

  /** Begins to check what was believed, and tells what proves to be damaged. */
  check(onCorrupt: (start: number, end: number) => void): void {
    for (const range of this.#corrupt) onCorrupt(...range);
    this.#onCorrupt = onCorrupt;
    this.#verification.wake();
  }

  /**
   * Waits until every file is whole, hashed and on disk. All writes must have resolved, but those
   * of what proves to be damaged meanwhile.
   *
   * @param total length of the content, which settles the size of a last file of unknown size
   * @returns by index in the manifest
   * @throws OnionferryError ERR_PROTOCOL if bytes are missing, ERR_DESTINATION
   */
  async finish(total: number): Promise<ReadonlyMap<number, WrittenFile>> {
    const { placements, end } = this.#layout;
    const isWhole = Number.isFinite(end) ? total === end : total >= this.#claimed.bytes;
    if (!isWhole || this.#claimed.bytes + this.#corrupt.bytes !== total) throw incomplete();
    for (const { index, entry, start } of placements) {
      if ((entry.size ?? total - start) > 0) continue;
      // Empty files get no data frame at all.
      this.#putWhole(index, new Uint8Array());
      if (this.#turns.count()) await nextTurn();
    }
    await this.#verification.finish(total);
    await this.#turn;
    const last = placements.at(-1);
    if (last?.entry.size === null) await this.#complete(last.index);
    // Whatever was not seen to be complete would not be synced either.
    if (this.#missing.size > 0) {
      throw new OnionferryError('ERR_INTERNAL', 'a file was not completed; receive it anew');
    }
    await this.#syncs.drained();
    return new Map(
      placements.map(({ index, entry, start }) => {
        const bytes = entry.size ?? total - start;
        return [index, { bytes, sha256: this.#hashes.get(index) ?? '' }];
      }),
    );
  }

  /** Closes whatever is open; what was written stays where it is. */
  async close(): Promise<void> {
    const closed = new OnionferryError('ERR_INTERRUPTED', 'the transfer was broken off');
    this.#failure ??= closed;
    this.#verification.stop(closed);
    await this.#turn;
    await this.#verification.close();
    await this.#syncs.stop();
    await this.#files.closeAll();
    await this.#options.journal?.file.close();
  }

  async #put(position: number, content: Bytes): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure as Error; // only errors are put there
    this.#verification.throwFailure();
    this.#claim(position, position + content.length);
    let offered = false;
    let at = 0;
    for (const { placement, offset, length } of this.#layout.spans(position, content.length)) {
      const { index, entry } = placement;
      const part = content.subarray(at, at + length);
      at += length;
      if (length === entry.size && length <= SMALL_FILE_BYTES) {
        this.#putWhole(index, part);
        if (this.#turns.count()) await nextTurn();
      } else {
        const writing = this.#files.write(index, offset, part);
        // Hashed here, while another thread writes.
        if (!offered) this.#verification.offer(position, content);
        offered = true;
        await writing;
        if (this.#count(placement, -length) === 0) await this.#complete(index);
      }
    }
    if (!offered) this.#verification.offer(position, content);
    this.#note(position, content);
    this.#written.add(position, position + content.length);
    this.#verification.wake();
  }

  #claim(start: number, end: number): void {
    if (end > this.#layout.end) {
      throw new OnionferryError('ERR_PROTOCOL', 'the other side sent more than it had offered');
    }
    const before = this.#claimed.bytes;
    this.#claimed.add(start, end);
    if (this.#claimed.bytes - before !== end - start) {
      throw new OnionferryError('ERR_PROTOCOL', 'the other side sent the same bytes twice');
    }
    this.#corrupt.remove(start, end);
  }

  #putWhole(index: number, content: Bytes): void {
    this.#files.put(index, content);
    if (!this.#hashes.has(index)) this.#hashes.set(index, hash('sha256', content));
    this.#missing.delete(index);
    this.#syncs.defer(index);
  }

  async #complete(index: number): Promise<void> {
    this.#missing.delete(index);
    await this.#files.close(index);
    this.#syncs.add(index);
  }

  /** @returns the bytes that the file still misses */
  #count({ index, entry }: Placement, change: number): number {
    const missing = (this.#missing.get(index) ?? entry.size ?? Number.POSITIVE_INFINITY) + change;
    if (missing === 0) this.#missing.delete(index);
    else this.#missing.set(index, missing);
    return missing;
  }

  #note(position: number, content: Bytes): void {
    const { journal } = this.#options;
    const chunk = chunkAt(position, content.length, this.#layout.end);
    if (journal === undefined || chunk === undefined) return;
    journal.file.append({ chunk, mac: chunkMac(journal.key, chunk, content) });
  }

  #believe([start, end]: Range): void {
    this.#claimed.add(start, end);
    this.#written.add(start, end);
    for (const { placement, length } of this.#layout.spans(start, end - start)) {
      if (this.#count(placement, -length) === 0) this.#syncs.defer(placement.index);
    }
  }

  #tear([start, end]: Range): void {
    this.#claimed.remove(start, end);
    this.#written.remove(start, end);
    this.#corrupt.add(start, end);
    for (const { placement, length } of this.#layout.spans(start, end - start)) {
      const missing = this.#missing.get(placement.index) ?? 0;
      this.#missing.set(placement.index, missing + length);
    }
    this.#onCorrupt?.(start, end);
  }
}

function incomplete(): OnionferryError {
  return new OnionferryError(
    'ERR_PROTOCOL',
    'the other side said that it had sent everything, but something is missing; try again',
  );
}
