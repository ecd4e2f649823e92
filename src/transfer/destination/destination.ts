import { rm, statfs } from 'node:fs/promises';
import path from 'node:path';
import type { Bytes } from '../../base/bytes.js';
import { OnionferryError } from '../../base/errors.js';
import { type Conflict, firstConflict, settle } from '../../disk/commit.js';
import { removeAtExit } from '../../disk/remove-at-exit.js';
import { StagedFiles } from '../../disk/staged-files.js';
import { syncFolder } from '../../disk/sync-folder.js';
import { unwritable } from '../../disk/unwritable.js';
import { ContentLayout } from '../../stream/content-layout.js';
import { isOpenEnded, type Manifest, totalBytes } from '../../stream/manifest.js';
import type { Ranges } from '../../stream/ranges.js';
import { JournalFile } from '../record/journal-file.js';
import { ContentWriter } from './content-writer.js';
import { finishTree } from './finish-tree.js';
import { type LocalEntry, localPaths } from './local-path.js';
import { believable, makeStaging, prepareTree, reopenStaging, type Staging } from './staging.js';

export interface ReceivedFile {
  /** Where it stands now, relative to the folder that was written to, with '/'. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

export interface Received {
  readonly files: ReceivedFile[];
  readonly warnings: string[];
}

/** What a later process needs to go on with a transfer of files. */
export interface Resumption {
  /** The journal's file; what it holds counts only with `staging`. */
  readonly journal: string;
  /** From `deriveJournalKey`. */
  readonly key: Bytes;
  /** The staging folder of an earlier process, to go on with. */
  readonly staging?: string | undefined;
  /** Awaited when everything is under its final name, before the staging folder goes. */
  readonly onSettled?: (received: Received) => Promise<void>;
}

export interface DestinationOptions {
  readonly directory: string;
  readonly conflict: Conflict;
  readonly manifest: Manifest;
  /** Of no use for content of unknown size, which can be sent only once. */
  readonly resume?: Resumption | undefined;
}

/** Where a transfer's content goes. */
export interface Destination {
  /** In any order, several at once; each byte once, unless it was reported torn. */
  write(position: number, content: Bytes): Promise<void>;
  /**
   * Makes the transfer real: everything whole, on disk and under its final name. It is called when
   * everything was written; what is reported torn from then on is waited for.
   *
   * @param total length of the content
   */
  finish(total: number): Promise<Received>;
  /** Breaks off and keeps what was written, for a later process; does nothing after `finish`. */
  suspend(): Promise<void>;
  /** Breaks off and removes what was written; does nothing after `finish` or `suspend`. */
  discard(): Promise<void>;
  /** Bytes that an earlier process has written, believed until `onTorn` tells otherwise. */
  readonly had: Ranges;
  /** Tells what of `had` proves to be damaged, and begins to look. It is to be written anew. */
  onCorrupt(listener: (start: number, end: number) => void): void;
}

export interface FolderDestination extends Destination {
  /** The hidden folder that is written into; with it a later process can go on. */
  readonly staging: string;
}

/**
 * Prepares a folder for a transfer. Everything is first written into a hidden folder of our own
 * beside its final place, where nobody else's links or files stand in the way.
 *
 * @throws OnionferryError ERR_HOSTILE_NAME, ERR_CONFLICT (policy `fail`), ERR_DESTINATION
 */
export async function openDestination(options: DestinationOptions): Promise<FolderDestination> {
  const { directory, manifest, conflict, resume } = options;
  const entries = localPaths(manifest, process.platform);
  if (resume?.staging !== undefined) {
    return await prepared(options, entries, await reopenStaging(directory, resume.staging));
  }
  await assertRoom(directory, totalBytes(manifest));
  if (conflict === 'fail') {
    const existing = await firstConflict(directory, entries);
    if (existing !== undefined) {
      throw new OnionferryError('ERR_CONFLICT', `${existing} exists already; nothing was written`);
    }
  }
  const staging = await makeStaging(directory);
  try {
    return await prepared(options, entries, staging);
  } catch (error) {
    await rm(staging.path, { recursive: true, force: true });
    throw error;
  }
}

async function prepared(
  options: DestinationOptions,
  entries: readonly LocalEntry[],
  staging: Staging,
): Promise<FolderDestination> {
  const { directory, manifest, resume } = options;
  const layout = new ContentLayout(manifest);
  const pathOf = (names: readonly string[]): string => path.join(staging.path, ...names);
  const lengths = await prepareTree(staging, entries, pathOf);
  const files = new StagedFiles((index) => pathOf(entries[index]?.path ?? []), lengths.keys());
  if (resume === undefined || isOpenEnded(manifest)) {
    const writer = new ContentWriter({ layout, files });
    return new StagedDestination(options, entries, staging, writer);
  }
  // A journal without its files is worth nothing.
  if (resume.staging === undefined) await rm(resume.journal, { force: true });
  const { journal, macs } = await JournalFile.open(resume.journal, layout.end);
  const believed = believable(macs, layout, lengths);
  const writer = new ContentWriter({
    ...{ layout, files, believed, journal: { file: journal, key: resume.key } },
  });
  try {
    await assertRoom(directory, layout.end - writer.written.bytes);
    return new StagedDestination(options, entries, staging, writer);
  } catch (error) {
    await writer.close();
    throw error;
  }
}

class StagedDestination implements FolderDestination {
  readonly had: Ranges;
  readonly #options: DestinationOptions;
  readonly #entries: readonly LocalEntry[];
  readonly #staging: Staging;
  readonly #writer: ContentWriter;
  readonly #forget: () => void;
  #ended = false;

  constructor(
    options: DestinationOptions,
    entries: readonly LocalEntry[],
    staging: Staging,
    writer: ContentWriter,
  ) {
    this.#options = options;
    this.#entries = entries;
    this.#staging = staging;
    this.#writer = writer;
    this.had = writer.written;
    this.#forget = removeAtExit(staging.path);
  }

  get staging(): string {
    // A later process may stand elsewhere.
    return path.resolve(this.#staging.path);
  }

  onCorrupt(listener: (start: number, end: number) => void): void {
    this.#writer.check(listener);
  }

  async write(position: number, content: Bytes): Promise<void> {
    await this.#writer.write(position, content);
  }

  async finish(total: number): Promise<Received> {
    const written = await this.#writer.finish(total);
    const { path: staging, umask } = this.#staging;
    const pathOf = (names: readonly string[]): string => path.join(staging, ...names);
    const warnings = await finishTree(this.#entries, pathOf, umask);
    const { directory, conflict, resume } = this.#options;
    const finalPaths = await settle(staging, directory, this.#entries, conflict);
    const files: ReceivedFile[] = [];
    for (const [index, file] of [...written].sort(([a], [b]) => a - b)) {
      const finalPath = finalPaths.get(index);
      if (finalPath === undefined) {
        const skipped = this.#entries[index]?.path.join('/') ?? '';
        warnings.push(`${skipped} exists already and was left as it is`);
      } else {
        files.push({ path: finalPath, ...file });
      }
    }
    await syncFolder(directory);
    await resume?.onSettled?.({ files, warnings });
    this.#ended = true;
    await this.#writer.close();
    await rm(staging, { recursive: true, force: true });
    this.#forget();
    return { files, warnings };
  }

  async suspend(): Promise<void> {
    if (this.#options.resume === undefined || isOpenEnded(this.#options.manifest)) {
      await this.discard();
      return;
    }
    if (this.#ended) return;
    this.#ended = true;
    this.#forget();
    await this.#writer.close();
  }

  async discard(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    await this.#writer.close();
    const { resume } = this.#options;
    await rm(this.#staging.path, { recursive: true, force: true });
    if (resume !== undefined) await rm(resume.journal, { force: true });
    this.#forget();
  }
}

async function assertRoom(directory: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(directory).catch((cause: unknown) => {
    throw unwritable(directory, cause);
  });
  if (bavail * bsize < bytes) {
    throw new OnionferryError(
      'ERR_DESTINATION',
      `${directory} has room for ${bavail * bsize} bytes, but ${bytes} are offered`,
      { cause: Object.assign(new Error('not enough room'), { code: 'ENOSPC' }) },
    );
  }
}
