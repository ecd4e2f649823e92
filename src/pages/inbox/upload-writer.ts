import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { type Bytes, concat } from '../../base/bytes.js';
import { commit, type NextNumbers } from '../../disk/commit.js';
import { nextTurn, SMALL_FILE_BYTES, Turns } from '../../disk/small-file.js';
import { StagedFiles } from '../../disk/staged-files.js';
import { syncFolder } from '../../disk/sync-folder.js';
import { SyncQueue } from '../../disk/sync-queue.js';
import { unwritable } from '../../disk/unwritable.js';
import type { ReceivedFile } from '../../session/receiving/destination.js';
import type { InboxStaging, UploadFolder } from './inbox-staging.js';
import type { Claim } from './quota.js';
import { UploadRefusal } from './upload-refusal.js';
import type { Place, UploadTree } from './upload-tree.js';

export interface UploadWriterOptions {
  readonly staging: InboxStaging;
  readonly tree: UploadTree;
  readonly claim: Claim;
  readonly bytesPerFile: number;
}

export interface Upload {
  /** As they stand in the inbox now. */
  readonly files: readonly ReceivedFile[];
  /**
   * The same with the names that were sent, made legal: a sender is not told by a number that
   * another has sent a file of that name.
   */
  readonly asSent: readonly ReceivedFile[];
}

interface Entry {
  readonly path: readonly string[];
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * Writes one upload into a staging folder of its own, each byte once, and moves it to its place
 * when it is whole. The disk is not touched before the first file has passed all that it can be
 * refused for by its name.
 */
export class UploadWriter implements AsyncDisposable {
  readonly #options: UploadWriterOptions;
  readonly #entries: Entry[] = [];
  readonly #folders: (readonly string[])[] = [];
  readonly #places: Place[] = [];
  readonly #files: StagedFiles;
  readonly #syncs: SyncQueue;
  readonly #turns = new Turns();
  #folder: UploadFolder | undefined;

  constructor(options: UploadWriterOptions) {
    this.#options = options;
    this.#files = new StagedFiles((index) => this.#pathOf(this.#places[index]?.path ?? []));
    this.#syncs = new SyncQueue((index) => this.#files.sync(index));
  }

  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  /**
   * @param sent the file's name or path as sent
   * @throws UploadRefusal; OnionferryError ERR_DESTINATION; what reading the content throws
   */
  async add(sent: string, content: AsyncIterable<Bytes>): Promise<void> {
    await this.#write(sent, this.#options.tree.place(sent), content);
  }

  /** As `add`, for a file whose name was not sent: it is not refused for its kind. */
  async addNote(name: string, note: Bytes): Promise<void> {
    await this.#write(name, this.#options.tree.placeOwn(name), [note]);
  }

  async #write(
    sent: string,
    place: Place,
    content: AsyncIterable<Bytes> | Iterable<Bytes>,
  ): Promise<void> {
    const { claim, bytesPerFile } = this.#options;
    claim.addFile(place.newFolders.length);
    const index = this.#places.push(place) - 1;
    const hash = createHash('sha256');
    let bytes = 0;
    let written = 0;
    let held: Bytes[] = [];
    for await (const chunk of content) {
      bytes += chunk.length;
      if (bytes > bytesPerFile) {
        throw new UploadRefusal({ kind: 'file-too-large', name: sent, limit: bytesPerFile });
      }
      await claim.add(chunk.length);
      hash.update(chunk);
      held.push(chunk);
      if (bytes - written < SMALL_FILE_BYTES) continue;
      if (written === 0) await this.#makeFolders(place);
      await this.#files.write(index, written, joined(held));
      written = bytes;
      held = [];
    }
    if (written === 0) {
      await this.#makeFolders(place);
      this.#files.put(index, joined(held));
      this.#syncs.defer(index);
      if (this.#turns.count()) await nextTurn();
    } else {
      if (written < bytes) await this.#files.write(index, written, joined(held));
      await this.#files.close(index);
      this.#syncs.add(index);
    }
    this.#entries.push({ path: place.path, bytes, sha256: hash.digest('hex') });
  }

  /**
   * Brings all to the disk and gives it its names in `directory`, none of which existed.
   *
   * @throws OnionferryError ERR_DESTINATION, ERR_CONFLICT
   */
  async finish(directory: string, numbers: NextNumbers): Promise<Upload> {
    const folder = this.#folder;
    if (folder === undefined) return { files: [], asSent: [] };
    await this.#syncs.drained();
    // Like files that this user makes, but not to be executed.
    for (const { path: names } of this.#entries) await this.#permit(names, 0o666 & ~folder.umask);
    for (const names of this.#folders) {
      await syncFolder(this.#pathOf(names));
      await this.#permit(names, 0o777 & ~folder.umask);
    }
    const finalPaths = await commit(folder.path, directory, this.#entries, 'rename', numbers);
    return {
      files: this.#entries.map((entry, index) => ({ ...entry, path: finalPaths.get(index) ?? '' })),
      asSent: this.#entries.map((entry) => ({ ...entry, path: entry.path.join('/') })),
    };
  }

  /** Removes whatever has not been moved to its place. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#syncs.stop();
    await this.#files.closeAll();
    await this.#folder?.[Symbol.asyncDispose]();
    this.#folder = undefined;
  }

  #pathOf(names: readonly string[]): string {
    return path.join(this.#folder?.path ?? '', ...names);
  }

  async #makeFolders({ newFolders }: Place): Promise<void> {
    this.#folder ??= await this.#options.staging.enter();
    for (const names of newFolders) {
      const made = this.#pathOf(names);
      try {
        mkdirSync(made, { mode: 0o700 });
      } catch (cause) {
        throw unwritable(made, cause);
      }
      this.#folders.push(names);
    }
  }

  async #permit(names: readonly string[], mode: number): Promise<void> {
    const staged = this.#pathOf(names);
    try {
      chmodSync(staged, mode);
    } catch (cause) {
      throw unwritable(staged, cause);
    }
    if (this.#turns.count()) await nextTurn();
  }
}

/** Copies only what is in several pieces. */
function joined(pieces: readonly Bytes[]): Bytes {
  const [only, ...more] = pieces;
  return only !== undefined && more.length === 0 ? only : concat(...pieces);
}
