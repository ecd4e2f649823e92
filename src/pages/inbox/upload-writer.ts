import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync } from 'node:fs';
import { link, rename } from 'node:fs/promises';
import path from 'node:path';
import { type Bytes, concat } from '../../base/bytes.js';
import { Commit, type Move, type NextNumbers } from '../../disk/commit.js';
import { nextTurn, SMALL_FILE_BYTES, Turns } from '../../disk/small-file.js';
import { StagedFiles } from '../../disk/staged-files.js';
import { syncFolder } from '../../disk/sync-folder.js';
import { SyncQueue } from '../../disk/sync-queue.js';
import { isUnsupported } from '../../disk/unsupported.js';
import { unwritable } from '../../disk/unwritable.js';
import type { ReceivedFile } from '../../session/receiving/destination.js';
import { ENCRYPTED_ENDING, type Encrypt } from './encryption.js';
import type { InboxStaging, UploadFolder } from './inbox-staging.js';
import type { Claim } from './quota.js';
import type { StagedFile } from './staged-file.js';
import { UploadRefusal } from './upload-refusal.js';
import type { AssignedPath, UploadTree } from './upload-tree.js';

export interface UploadWriterOptions {
  readonly staging: InboxStaging;
  readonly tree: UploadTree;
  readonly claim: Claim;
  readonly bytesPerFile: number;
  /** What is written is what this makes of it; its names end in ENCRYPTED_ENDING. */
  readonly encrypt: Encrypt | undefined;
}

/** What happens between the last byte of an upload and its names. */
export interface FinishOptions {
  readonly directory: string;
  readonly numbers: NextNumbers;
  /** Looks at what is there before anything becomes visible, and throws to refuse it. */
  readonly check: (staged: StagedUpload) => Promise<void>;
  /** Notes the names that files are about to get, by their paths in the inbox. */
  readonly note: (files: readonly NamedStagedFile[]) => Promise<void>;
  /** Makes the names in `directory` durable. */
  readonly syncNames: () => Promise<void>;
}

/** Files that are complete, in a folder of their own. */
export interface StagedUpload {
  readonly folder: string;
  /** As they lie there */
  readonly files: readonly ReceivedFile[];
}

export interface NamedStagedFile {
  /** Where it is now */
  readonly staged: string;
  /** Below the inbox, with '/' */
  readonly path: string;
}

export interface Upload {
  /** With their final names in the inbox, as they lie there */
  readonly files: readonly ReceivedFile[];
  /**
   * With the names as sent, made legal: an added number would reveal to the sender that a file of
   * that name was there already. Sizes and hashes are those of what was sent.
   */
  readonly asSent: readonly ReceivedFile[];
}

interface Content {
  readonly bytes: number;
  /** In hex */
  readonly sha256: string;
}

interface Entry {
  readonly path: readonly string[];
  readonly sent: Content;
  /** What lies on the disk, if that is something else */
  readonly stored: Content;
}

/**
 * Writes one upload to a staging folder of its own, each byte once, and renames it into the inbox
 * when it is complete. Nothing is written before the name of the first file has passed all checks.
 */
export class UploadWriter implements AsyncDisposable {
  readonly #options: UploadWriterOptions;
  readonly #entries: Entry[] = [];
  readonly #folders: (readonly string[])[] = [];
  readonly #paths: AssignedPath[] = [];
  readonly #files: StagedFiles;
  readonly #syncs: SyncQueue;
  readonly #turns = new Turns();
  /** Where files that were moved here came from */
  readonly #adopted = new Map<string, string>();
  #folder: UploadFolder | undefined;

  constructor(options: UploadWriterOptions) {
    this.#options = options;
    this.#files = new StagedFiles((index) => this.#pathOf(this.#paths[index]?.path ?? []));
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
    await this.#write(sent, this.#options.tree.assign(sent), content);
  }

  /** Like `add`, but for a note, which is never refused for its file type. */
  async addNote(name: string, note: Bytes): Promise<void> {
    await this.#write(name, this.#options.tree.assignOwn(name), [note]);
  }

  /**
   * Like `add`, for a file that is on the same disk, complete and synced: it is copied only if it is
   * to be encrypted. Under its own name it stays, so that it survives whatever comes before the end; where there are no hard
   * links it is moved, and `giveBack` moves it back.
   *
   * @throws UploadRefusal; OnionferryError ERR_DESTINATION
   */
  async adopt(sent: string, file: StagedFile): Promise<void> {
    const { path: staged, bytes, sha256 } = file;
    const { claim, tree, bytesPerFile, encrypt } = this.#options;
    const assigned = tree.assign(sent);
    claim.addFile(assigned.newFolders.length);
    if (bytes > bytesPerFile) {
      throw new UploadRefusal({ kind: 'file-too-large', name: sent, limit: bytesPerFile });
    }
    if (encrypt !== undefined) {
      // The copy takes room beside what it is made of, which goes only at the end.
      await claim.resume(claim.written + bytes);
      const stored = await this.#store(assigned, encrypt(counted(file.content(), claim)));
      this.#entries.push({ path: assigned.path, sent: { bytes, sha256 }, stored });
      return;
    }
    await claim.add(bytes);
    await this.#makeFolders(assigned);
    const target = this.#pathOf(assigned.path);
    try {
      await this.#linkOrMove(staged, target);
    } catch (cause) {
      throw unwritable(target, cause);
    }
    this.#paths.push(assigned);
    const content = { bytes, sha256 };
    this.#entries.push({ path: assigned.path, sent: content, stored: content });
  }

  /** After a failure: puts what was moved here by `adopt` where it came from. */
  async giveBack(): Promise<void> {
    for (const [here, staged] of this.#adopted) await rename(here, staged).catch(() => undefined);
    this.#adopted.clear();
  }

  async #linkOrMove(staged: string, target: string): Promise<void> {
    try {
      await link(staged, target);
    } catch (error) {
      if (!isUnsupported(error)) throw error;
      await rename(staged, target);
      this.#adopted.set(target, staged);
    }
  }

  async #write(
    sent: string,
    assigned: AssignedPath,
    content: AsyncIterable<Bytes> | Iterable<Bytes>,
  ): Promise<void> {
    const { claim, bytesPerFile, encrypt } = this.#options;
    claim.addFile(assigned.newFolders.length);
    const hash = createHash('sha256');
    let bytes = 0;
    const admitted = async function* (): AsyncGenerator<Bytes> {
      for await (const chunk of content) {
        bytes += chunk.length;
        if (bytes > bytesPerFile) {
          throw new UploadRefusal({ kind: 'file-too-large', name: sent, limit: bytesPerFile });
        }
        await claim.add(chunk.length);
        if (encrypt !== undefined) hash.update(chunk);
        yield chunk;
      }
    };
    const stored = await this.#store(assigned, encrypt?.(admitted()) ?? admitted());
    const isAsSent = encrypt === undefined;
    const original = isAsSent ? stored : { bytes, sha256: hash.digest('hex') };
    this.#entries.push({ path: assigned.path, sent: original, stored });
  }

  /** Writes what is to lie on the disk. */
  async #store(assigned: AssignedPath, content: AsyncIterable<Bytes>): Promise<Content> {
    const index = this.#paths.push(assigned) - 1;
    const hash = createHash('sha256');
    let bytes = 0;
    let written = 0;
    let held: Bytes[] = [];
    for await (const chunk of content) {
      bytes += chunk.length;
      hash.update(chunk);
      held.push(chunk);
      if (bytes - written < SMALL_FILE_BYTES) continue;
      if (written === 0) await this.#makeFolders(assigned);
      await this.#files.write(index, written, joined(held));
      written = bytes;
      held = [];
    }
    if (written === 0) {
      await this.#makeFolders(assigned);
      this.#files.put(index, joined(held));
      this.#syncs.defer(index);
      if (this.#turns.count()) await nextTurn();
    } else {
      if (written < bytes) await this.#files.write(index, written, joined(held));
      await this.#files.close(index);
      this.#syncs.add(index);
    }
    return { bytes, sha256: hash.digest('hex') };
  }

  /**
   * Makes everything durable and moves it to `directory`, under names that did not exist before: all
   * of it or nothing.
   *
   * @throws what `check` throws; OnionferryError ERR_DESTINATION, ERR_DISK_FULL, ERR_CONFLICT
   */
  async finish(options: FinishOptions): Promise<Upload> {
    const { directory, numbers, check, note, syncNames } = options;
    const folder = this.#folder;
    if (folder === undefined) return { files: [], asSent: [] };
    await this.#syncs.drained();
    await check({
      folder: folder.path,
      files: this.#entries.map(({ path: names, stored }) => ({ ...stored, path: names.join('/') })),
    });
    // With the permissions of any new file of this user, but never executable.
    for (const { path: names } of this.#entries) await this.#permit(names, 0o666 & ~folder.umask);
    for (const names of this.#folders) {
      await syncFolder(this.#pathOf(names));
      await this.#permit(names, 0o777 & ~folder.umask);
    }
    const commit = new Commit({ staging: folder.path, directory, conflict: 'rename', numbers });
    try {
      const noteMoves = (moves: readonly Move[]): Promise<void> => note(this.#namedBy(moves));
      const moves = await commit.plan(this.#entries.map(({ path: [top = ''] }) => top));
      // Before: what gets its name without a note would be forgotten by a kill in between.
      await noteMoves(moves);
      await commit.carryOut(moves, { onChange: noteMoves });
      await syncNames();
    } catch (error) {
      await commit.undo();
      throw error;
    }
    return {
      files: this.#entries.map(({ path: names, stored }) => ({
        ...{ ...stored, path: commit.finalPath(names) ?? '' },
      })),
      asSent: this.#entries.map(({ path: names, sent }) => ({
        ...{ ...sent, path: this.#withoutEnding(names.join('/')) },
      })),
    };
  }

  /** Removes everything that was not moved to the inbox. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#syncs.stop();
    await this.#files.closeAll();
    try {
      await this.#folder?.[Symbol.asyncDispose]();
    } catch {
      // What cannot be removed now is hidden, and goes when the inbox is opened again.
    }
    this.#folder = undefined;
  }

  #withoutEnding(name: string): string {
    return this.#options.encrypt !== undefined && name.endsWith(ENCRYPTED_ENDING)
      ? name.slice(0, -ENCRYPTED_ENDING.length)
      : name;
  }

  /** The files that get names by these moves, which are of names at the top. */
  #namedBy(moves: readonly Move[]): NamedStagedFile[] {
    const names = new Map(moves.map(({ from: [top = ''], to }) => [top, to.join('/')]));
    return this.#entries.flatMap(({ path: [top = '', ...below] }) => {
      const named = names.get(top);
      if (named === undefined) return [];
      return [{ staged: this.#pathOf([top, ...below]), path: [named, ...below].join('/') }];
    });
  }

  #pathOf(names: readonly string[]): string {
    return path.join(this.#folder?.path ?? '', ...names);
  }

  async #makeFolders({ newFolders }: AssignedPath): Promise<void> {
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
    try {
      chmodSync(this.#pathOf(names), mode);
    } catch {
      // Then it stays closed to others, or the file system knows no permissions.
    }
    if (this.#turns.count()) await nextTurn();
  }
}

/** Counts each piece before it is written. @throws UploadRefusal disk-full, inbox-full */
async function* counted(content: AsyncIterable<Bytes>, claim: Claim): AsyncGenerator<Bytes> {
  for await (const piece of content) {
    await claim.add(piece.length);
    yield piece;
  }
}

/** Copies only if there are several pieces. */
function joined(pieces: readonly Bytes[]): Bytes {
  const [only, ...more] = pieces;
  return only !== undefined && more.length === 0 ? only : concat(...pieces);
}
