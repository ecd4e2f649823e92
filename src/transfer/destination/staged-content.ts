import { hash } from 'node:crypto';
import type { Bytes } from '../../base/bytes.js';
import { OnionferryError } from '../../base/errors.js';
import { nextTurn, SMALL_FILE_BYTES, Turns } from '../../disk/small-file.js';
import type { StagedFiles } from '../../disk/staged-files.js';
import { SyncQueue } from '../../disk/sync-queue.js';
import type { ContentLayout, Placement } from '../../stream/content-layout.js';
import type { Range } from '../../stream/ranges.js';

/** The hash of nothing, once for half a million empty files. */
const EMPTY = hash('sha256', '');

export interface StagedContentOptions {
  readonly layout: ContentLayout;
  readonly files: StagedFiles;
  /** SHA-256 by index in the manifest; files that come whole are added. */
  readonly hashes: Map<number, string>;
  /** Of such a file, nothing is written. */
  readonly isUnwanted: (index: number) => boolean;
  /** The disk may lack what was written to a file, although it reads as if it were there. */
  readonly onLost: (file: Placement) => void;
}

/**
 * Distributes content among the staged files, and knows which of them are whole. Those are closed,
 * and synced in the background.
 */
export class StagedContent {
  readonly #options: StagedContentOptions;
  /** Bytes missing in the files that are written to in parts. */
  readonly #missing = new Map<number, number>();
  readonly #syncs: SyncQueue;
  readonly #turns = new Turns();

  constructor(options: StagedContentOptions) {
    this.#options = options;
    const { files } = options;
    this.#syncs = new SyncQueue((index) => files.sync(index, () => this.#lose(index)));
  }

  /**
   * Writes content that is not written yet.
   *
   * @param meanwhile called while another thread writes, at the latest when all is written
   * @throws OnionferryError ERR_DESTINATION, ERR_DISK_FULL
   */
  async put(position: number, content: Bytes, meanwhile: () => void): Promise<void> {
    const { layout, files } = this.#options;
    let isCalled = false;
    let at = 0;
    for (const { placement, offset, length } of layout.spans(position, content.length)) {
      const { index, entry } = placement;
      const part = content.subarray(at, at + length);
      at += length;
      if (length === entry.size && length <= SMALL_FILE_BYTES) {
        this.#putWhole(index, part);
        if (this.#turns.count()) await nextTurn();
      } else {
        const writing = files.write(index, offset, part);
        if (!isCalled) meanwhile();
        isCalled = true;
        await writing;
        if (this.#count(placement, -length) === 0) await this.#complete(index);
      }
    }
    if (!isCalled) meanwhile();
  }

  /** Takes what an earlier process wrote for written. */
  believe([start, end]: Range): void {
    const { layout, isUnwanted } = this.#options;
    for (const { placement, length } of layout.spans(start, end - start)) {
      if (isUnwanted(placement.index)) continue;
      if (this.#count(placement, -length) === 0) this.#syncs.defer(placement.index);
    }
  }

  /** To be written again. @returns what of it is not, because it is unwanted */
  discredit([start, end]: Range): Range[] {
    const { layout, isUnwanted } = this.#options;
    const unwanted: Range[] = [];
    for (const { placement, offset, length } of layout.spans(start, end - start)) {
      const { index } = placement;
      if (isUnwanted(index)) {
        unwanted.push([placement.start + offset, placement.start + offset + length]);
      } else {
        this.#missing.set(index, (this.#missing.get(index) ?? 0) + length);
      }
    }
    return unwanted;
  }

  /** Makes the files that no content comes for. */
  async putEmpty(total: number): Promise<void> {
    const { layout, isUnwanted } = this.#options;
    for (const { index, entry, start } of layout.placements) {
      if ((entry.size ?? total - start) > 0 || isUnwanted(index)) continue;
      this.#putWhole(index, new Uint8Array());
      if (this.#turns.count()) await nextTurn();
    }
  }

  /** Resolves when every file, all of them written, is on the disk. */
  async drained(): Promise<void> {
    const last = this.#options.layout.placements.at(-1);
    if (last?.entry.size === null) await this.#complete(last.index);
    if (this.#missing.size > 0) {
      // What was not seen to be complete would not be synced either.
      throw new OnionferryError('ERR_INTERNAL', 'a file was not completed; receive it again');
    }
    await this.#syncs.drained();
  }

  /** Closes whatever is open; what was written stays where it is. */
  async close(): Promise<void> {
    await this.#syncs.stop();
    await this.#options.files.closeAll();
  }

  #putWhole(index: number, content: Bytes): void {
    const { files, hashes } = this.#options;
    files.put(index, content);
    if (!hashes.has(index))
      hashes.set(index, content.length === 0 ? EMPTY : hash('sha256', content));
    this.#missing.delete(index);
    this.#syncs.defer(index);
  }

  async #complete(index: number): Promise<void> {
    this.#missing.delete(index);
    await this.#options.files.close(index);
    this.#syncs.add(index);
  }

  /** @returns the bytes that the file still misses */
  #count({ index, entry }: Placement, change: number): number {
    const missing = (this.#missing.get(index) ?? entry.size ?? Number.POSITIVE_INFINITY) + change;
    if (missing === 0) this.#missing.delete(index);
    else this.#missing.set(index, missing);
    return missing;
  }

  #lose(index: number): void {
    const { layout, onLost } = this.#options;
    const placement = layout.placements.find((each) => each.index === index);
    if (placement !== undefined) onLost(placement);
  }
}
