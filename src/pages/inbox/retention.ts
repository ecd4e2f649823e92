import { constants } from 'node:fs';
import { lstat, open, readFile, realpath, rmdir, unlink } from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import { OnionferryError } from '../../base/errors.js';
import { type FileLock, tryLockFile } from '../../disk/file-lock.js';
import { NO_LINK } from '../../disk/open-flags.js';
import { replaceFile } from '../../disk/private-file.js';
import { unwritable } from '../../disk/unwritable.js';
import type { NamedStagedFile } from './upload-writer.js';

/** In the inbox: a line of JSON for each file that may be removed one day */
const RECORD = '.onionferry-received';
const LOCK = '.onionferry-received-lock';
/** Some file systems keep times in steps of two seconds, and show them so only later. */
const MTIME_STEP_MS = 2000;
/** The longest time between two looks, and how many fit into the time that files are kept */
const LOOK_MAX_MS = 60 * 60_000;
const LOOKS = 20;

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const ENTRY = v.object({
  /** When it was received, in ms since 1970 */
  at: count,
  /** Below the inbox, with '/' */
  path: v.pipe(v.string(), v.minLength(1)),
  bytes: count,
  /** Of its last change, in ms since 1970 */
  mtime: v.number(),
});
type Entry = v.InferOutput<typeof ENTRY>;

/** A file that was removed because its time was over. */
export interface PurgedFile {
  /** Below the inbox, with '/'; not safe to print */
  readonly path: string;
  readonly bytes: number;
}

export interface RetentionOptions {
  /** Free of links */
  readonly directory: string;
  /** How long files stay after they were received */
  readonly keptMs: number;
  readonly onPurged: (file: PurgedFile) => void;
  /** A file could not be removed; it is tried again. */
  readonly onFailed: (file: PurgedFile, error: unknown) => void;
  /** What was removed could not be taken out of the record; that is tried again. */
  readonly onRecordFailed: (error: OnionferryError) => void;
}

/**
 * Removes files some time after they were received: only those that this inbox has noted, and only
 * if they are still where and as it put them. What somebody has changed, moved or replaced is theirs.
 * No link is followed.
 */
export class Retention {
  readonly #options: RetentionOptions;
  readonly #lock: FileLock;
  #entries: Entry[];
  /** Whether the record still has what is not among them */
  #isRecordStale = false;
  #timer: NodeJS.Timeout | undefined;
  /** Writes to the record, one after the other */
  #last: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  private constructor(options: RetentionOptions, lock: FileLock, entries: Entry[]) {
    this.#options = options;
    this.#lock = lock;
    this.#entries = entries;
  }

  /**
   * Removes what is due, and goes on to do so until it is closed.
   *
   * @throws OnionferryError ERR_DESTINATION, ERR_DISK_FULL if the folder cannot be written;
   *   ERR_DESTINATION if another process does the same for it
   */
  static async open(options: RetentionOptions): Promise<Retention> {
    const { directory } = options;
    const lock = await tryLockFile(path.join(directory, LOCK)).catch((cause: unknown) => {
      throw unwritable(directory, cause);
    });
    if (lock === undefined) {
      throw new OnionferryError(
        'ERR_DESTINATION',
        `another inbox removes old files from ${directory}; give each a folder of its own`,
      );
    }
    try {
      const retention = new Retention(options, lock, await readRecord(recordIn(directory)));
      await retention.#inTurn(() => retention.#purge());
      retention.#lookLater();
      return retention;
    } catch (cause) {
      await lock.release();
      throw unwritable(directory, cause);
    }
  }

  /** Files are about to get these names. @throws OnionferryError ERR_DESTINATION, ERR_DISK_FULL */
  async note(files: readonly NamedStagedFile[]): Promise<void> {
    await this.#inTurn(async () => {
      const { directory } = this.#options;
      const noted: Entry[] = [];
      try {
        for (const file of files) {
          const { size, mtimeMs } = await lstat(file.staged);
          noted.push({ at: Date.now(), path: file.path, bytes: size, mtime: mtimeMs });
        }
        await append(recordIn(directory), noted);
      } catch (cause) {
        throw unwritable(directory, cause);
      }
      this.#entries.push(...noted);
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#last.catch(() => undefined);
    await this.#lock.release();
  }

  #lookLater(): void {
    if (this.#isClosed) return;
    const every = Math.min(LOOK_MAX_MS, Math.max(1000, this.#options.keptMs / LOOKS));
    this.#timer = setTimeout(() => {
      void this.#look();
    }, every);
    this.#timer.unref();
  }

  async #look(): Promise<void> {
    const { directory, onRecordFailed } = this.#options;
    try {
      await this.#inTurn(() => this.#purge());
    } catch (cause) {
      onRecordFailed(unwritable(directory, cause));
    } finally {
      this.#lookLater();
    }
  }

  async #purge(): Promise<void> {
    const { directory, keptMs, onPurged, onFailed } = this.#options;
    const before = Date.now() - keptMs;
    const kept: Entry[] = [];
    for (const entry of this.#entries) {
      if (entry.at > before) {
        kept.push(entry);
        continue;
      }
      try {
        if (await removeIfOurs(directory, entry)) onPurged(entry);
      } catch (error) {
        kept.push(entry);
        onFailed(entry, error);
      }
    }
    if (kept.length !== this.#entries.length) this.#isRecordStale = true;
    this.#entries = kept;
    if (!this.#isRecordStale) return;
    const lines = kept.map((entry) => `${JSON.stringify(entry)}\n`).join('');
    await replaceFile(recordIn(directory), lines);
    this.#isRecordStale = false;
  }

  async #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#last.catch(() => undefined).then(work);
    this.#last = turn;
    await turn;
  }
}

function recordIn(directory: string): string {
  return path.join(directory, RECORD);
}

/** The last line may be cut off, by a kill; such a file never got its name. */
async function readRecord(record: string): Promise<Entry[]> {
  // A link of this name is not ours.
  const isOurs = (await lstat(record).catch(() => undefined))?.isFile() === true;
  const text = isOurs ? await readFile(record, 'utf8') : '';
  return text.split('\n').flatMap((line) => {
    try {
      const parsed = v.safeParse(ENTRY, JSON.parse(line));
      return parsed.success && isBelow(parsed.output.path) ? [parsed.output] : [];
    } catch {
      return [];
    }
  });
}

function isBelow(name: string): boolean {
  return name.split('/').every((step) => !['', '.', '..'].includes(step) && !step.includes('\0'));
}

/** Durably: a file that is received must not be forgotten. */
async function append(record: string, entries: readonly Entry[]): Promise<void> {
  const { O_APPEND, O_CREAT, O_WRONLY } = constants;
  const file = await open(record, O_WRONLY | O_APPEND | O_CREAT | NO_LINK, 0o600);
  try {
    // A line that was cut off must not take the next one with it.
    await file.write(`\n${entries.map((entry) => JSON.stringify(entry)).join('\n')}\n`);
    await file.datasync();
  } finally {
    await file.close();
  }
}

/** @returns whether it was still as it was received, and is gone now */
async function removeIfOurs(directory: string, entry: Entry): Promise<boolean> {
  const file = path.join(directory, entry.path);
  const folder = path.dirname(file);
  // A folder on the way may be a link by now.
  if ((await realpath(folder).catch(() => undefined)) !== folder) return false;
  const found = await lstat(file).catch(() => undefined);
  if (found?.isFile() !== true || found.size !== entry.bytes) return false;
  if (Math.abs(found.mtimeMs - entry.mtime) >= MTIME_STEP_MS) return false;
  await unlink(file);
  // Folders came with the files in them; those that hold something else stay.
  for (let empty = folder; empty !== directory; empty = path.dirname(empty)) {
    const isGone = await rmdir(empty).then(
      () => true,
      () => false,
    );
    if (!isGone) break;
  }
  return true;
}
