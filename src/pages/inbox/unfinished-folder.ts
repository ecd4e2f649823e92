import { randomBytes } from 'node:crypto';
import { lstat, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { OnionferryError } from '../../base/errors.js';
import { type FileLock, tryLockFile } from '../../disk/file-lock.js';
import { unwritable } from '../../disk/unwritable.js';
import { isUploadId } from './tus-headers.js';
import { parseNote, type UploadNote } from './upload-note.js';

const NAME = /^\.onionferry-unfinished-[0-9a-f]{12}$/;
const LOCK = 'lock';
/** A note of the longest metadata in the most pieces */
const NOTE_MAX_BYTES = 256 * 1024;
/** Another process that opens the inbox may take a folder just before it is locked. */
const TRIES = 8;

/** What an earlier process has left. */
export interface LeftUpload {
  readonly id: string;
  readonly note: UploadNote;
  readonly folder: UnfinishedFolder;
}

/**
 * A hidden folder in an inbox, with what has arrived of uploads that are not complete. Unlike the
 * one for forms it stays when its process ends, and the next one that opens the inbox takes it over.
 */
export class UnfinishedFolder {
  readonly #path: string;
  readonly #lock: FileLock;
  #uploads = 0;

  private constructor(folder: string, lock: FileLock) {
    this.#path = folder;
    this.#lock = lock;
  }

  /** @throws OnionferryError ERR_DESTINATION, ERR_DISK_FULL */
  static async make(directory: string): Promise<UnfinishedFolder> {
    try {
      for (let tries = 0; tries < TRIES; tries++) {
        const name = `.onionferry-unfinished-${randomBytes(6).toString('hex')}`;
        const made = path.join(directory, name);
        await mkdir(made, { mode: 0o700 });
        const lock = await lockOf(made);
        if (lock !== undefined) return new UnfinishedFolder(made, lock);
      }
    } catch (cause) {
      throw unwritable(directory, cause);
    }
    throw new OnionferryError('ERR_DESTINATION', `cannot write ${directory}: it is being cleaned`);
  }

  /**
   * Takes over the folders of processes that have ended.
   *
   * @throws OnionferryError ERR_DESTINATION, ERR_DISK_FULL
   */
  static async left(directory: string): Promise<LeftUpload[]> {
    const left: LeftUpload[] = [];
    try {
      for (const name of await readdir(directory)) {
        if (NAME.test(name)) left.push(...(await takeOver(path.join(directory, name))));
      }
    } catch (cause) {
      throw unwritable(directory, cause);
    }
    return left;

    async function takeOver(found: string): Promise<LeftUpload[]> {
      // A link of this name is not ours.
      if (!(await lstat(found)).isDirectory()) return [];
      const lock = await lockOf(found);
      if (lock === undefined) return [];
      const folder = new UnfinishedFolder(found, lock);
      const uploads = await folder.#read();
      folder.#uploads = uploads.length;
      if (uploads.length === 0) await folder.#remove();
      return uploads;
    }
  }

  enter(id: string): string {
    this.#uploads++;
    return this.pathOf(id);
  }

  get isLast(): boolean {
    return this.#uploads === 1;
  }

  /** The last one to leave removes the folder. */
  async leave(): Promise<void> {
    if (--this.#uploads === 0) await this.#remove();
  }

  pathOf(id: string): string {
    return path.join(this.#path, id);
  }

  /** Leaves it to the next process. */
  async close(): Promise<void> {
    await this.#lock.release();
  }

  async #read(): Promise<LeftUpload[]> {
    const names = (await readdir(this.#path)).filter((name) => name !== LOCK);
    const left: LeftUpload[] = [];
    // Of each upload, what it holds and its note.
    for (const id of new Set(names.map((name) => path.basename(name, '.json')))) {
      const isWhole = isUploadId(id) && [id, `${id}.json`].every((name) => names.includes(name));
      const note = isWhole ? await this.#noteOf(id) : undefined;
      if (note !== undefined) left.push({ id, note, folder: this });
      else for (const name of [id, `${id}.json`]) await this.#removeAny(name);
    }
    return left;
  }

  async #removeAny(name: string): Promise<void> {
    await rm(path.join(this.#path, name), { recursive: true, force: true });
  }

  async #noteOf(id: string): Promise<UploadNote | undefined> {
    const file = path.join(this.#path, id);
    const [content, note] = [await lstat(file), await lstat(`${file}.json`)];
    if (!content.isFile() || !note.isFile() || note.size > NOTE_MAX_BYTES) return undefined;
    // It has its final name as well: the process was killed just before it would have removed this one.
    if (content.nlink > 1) return undefined;
    const parsed = parseNote(await readFile(`${file}.json`, 'utf8'));
    // Its key is gone with the process that had it.
    return parsed?.isHidden === true ? undefined : parsed;
  }

  async #remove(): Promise<void> {
    await rm(this.#path, { recursive: true, force: true }).catch(() => undefined);
    await this.#lock.release();
    // FUSE and NFS keep a removed file in its folder for as long as it is open.
    await rm(this.#path, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** @returns undefined if another process has it, or has removed it */
async function lockOf(folder: string): Promise<FileLock | undefined> {
  const file = path.join(folder, LOCK);
  const lock = await tryLockFile(file).catch(() => undefined);
  if (lock === undefined) return undefined;
  const isThere = await lstat(file).catch(() => undefined);
  if (isThere !== undefined) return lock;
  await lock.release();
  return undefined;
}
