import { randomBytes } from 'node:crypto';
import { lstat, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { OnionferryError } from '../../base/errors.js';
import type { Logger } from '../../base/logger.js';
import { systemCode } from '../../base/system-error.js';
import { type FileLock, tryLockFile } from '../../disk/file-lock.js';
import { ExposedFile, makePrivateDirectory, readPrivateFile } from '../../disk/private-file.js';
import { unwritableData } from '../../disk/unwritable.js';
import { HeldRecord, type RecordPaths, Reservation, removeRecord } from './held-record.js';
import { movesBeside } from './move-journal.js';
import {
  FILE_BYTES_MAX,
  RECORD_VERSION,
  type RecipientRecord,
  recordSchema,
  type SenderRecord,
  type TransferRecord,
} from './record.js';
import { decodeContent, type RecordedContent } from './recorded-content.js';

const ID = /^[0-9a-f]{24}$/;
/** Files without a record may belong to one that is just being made. */
const ORPHAN_MS = 60_000;

export interface ListedRecord {
  readonly record: TransferRecord;
  /** Whether no process works with it. */
  readonly free: boolean;
}

interface Kinds {
  readonly recipient: RecipientRecord;
  readonly sender: SenderRecord;
}

/**
 * Opens the store of unfinished transfers, `<dataDir>/transfers`.
 *
 * @throws OnionferryError ERR_DATA_DIRECTORY
 */
export async function openRecords(dataDir: string, logger: Logger): Promise<Records> {
  const directory = join(dataDir, 'transfers');
  await makePrivateDirectory(directory).catch((cause: unknown) => {
    throw unwritableData(directory, cause);
  });
  return new Records(directory, logger);
}

/**
 * Records of unfinished transfers, each in files of its own named by its id. A process that works
 * with a record holds its lock, so that no two resume one transfer.
 */
export class Records {
  readonly #directory: string;
  readonly #logger: Logger;

  constructor(directory: string, logger: Logger) {
    this.#directory = directory;
    this.#logger = logger;
  }

  /**
   * Takes an id for a new transfer, and begins to write its content.
   *
   * @throws OnionferryError ERR_DATA_DIRECTORY
   */
  async reserve(content: RecordedContent): Promise<Reservation> {
    const id = randomBytes(12).toString('hex');
    const paths = this.#paths(id);
    const lock = await tryLockFile(paths.lock).catch((cause: unknown) => {
      throw unwritableData(paths.lock, cause);
    });
    if (lock === undefined) return await this.reserve(content);
    return new Reservation(id, { content, paths, lock });
  }

  /** Oldest first. Removes records that cannot be resumed because what was received is gone. */
  async list(): Promise<ListedRecord[]> {
    const names = await readdir(this.#directory).catch((cause: unknown) => {
      throw unwritableData(this.#directory, cause);
    });
    const ids = new Set(names.map((name) => name.slice(0, name.indexOf('.'))));
    const listed: ListedRecord[] = [];
    for (const id of ids) {
      if (!ID.test(id)) continue;
      if (!names.includes(`${id}.json`)) {
        await this.#removeOrphan(id);
        continue;
      }
      const record = await this.#read(id);
      if (record === undefined) continue;
      await using lock = await this.#lock(id);
      if (lock !== undefined && (await isGone(record))) await removeRecord(this.#paths(id));
      else listed.push({ record, free: lock !== undefined });
    }
    return listed.sort((a, b) => a.record.createdAt.localeCompare(b.record.createdAt));
  }

  /** Takes the newest free record of its kind that matches. */
  async find<Kind extends keyof Kinds>(
    kind: Kind,
    matches: (record: Kinds[Kind]) => boolean = () => true,
  ): Promise<HeldRecord<Kinds[Kind]> | undefined> {
    const isWanted = (record: TransferRecord): record is Kinds[Kind] =>
      record.kind === kind && matches(record as Kinds[Kind]); // its kind says so
    for (const { record, free } of (await this.list()).reverse()) {
      if (!free || !isWanted(record)) continue;
      const held = await this.#take(record.id, isWanted);
      if (held !== undefined) return held;
    }
    return undefined;
  }

  /**
   * Removes a record that no process works with, also one whose content is damaged.
   *
   * @param before removes what belongs to it; if that fails, the record stays
   * @returns whether it was there, and free
   */
  async remove(id: string, before: (record: TransferRecord) => Promise<void>): Promise<boolean> {
    if ((await this.#read(id)) === undefined) return false;
    await using lock = await this.#lock(id);
    if (lock === undefined) return false;
    // Read again: the process that held it before may have changed or removed it.
    const record = await this.#read(id);
    if (record === undefined) return false;
    await before(record);
    await removeRecord(this.#paths(id));
    return true;
  }

  async #take<R extends TransferRecord>(
    id: string,
    isWanted: (record: TransferRecord) => record is R,
  ): Promise<HeldRecord<R> | undefined> {
    const lock = await this.#lock(id);
    if (lock === undefined) return undefined;
    try {
      // Read again: the process that held it before may have changed or removed it.
      const record = await this.#read(id);
      if (record !== undefined && isWanted(record)) {
        const content = await this.#readContent(id);
        if (content !== undefined) {
          return new HeldRecord(record, { content, paths: this.#paths(id), lock });
        }
      }
    } catch (error) {
      await lock.release();
      throw error;
    }
    await lock.release();
    return undefined;
  }

  async #readContent(id: string): Promise<RecordedContent | undefined> {
    const path = this.#paths(id).content;
    try {
      return await decodeContent(await readPrivateFile(path, FILE_BYTES_MAX));
    } catch (error) {
      if (mayPass(error)) throw unwritableData(path, error);
      this.#logger.warn(`the transfer ${id} cannot be resumed: ${path} is damaged`);
      this.#logger.debug(`${path}: ${faultOf(error)}`);
      return undefined;
    }
  }

  async #read(id: string): Promise<TransferRecord | undefined> {
    const path = this.#paths(id).record;
    try {
      const json: unknown = JSON.parse(await readPrivateFile(path, FILE_BYTES_MAX));
      const { version } = v.parse(v.looseObject({ version: v.number() }), json);
      if (version !== RECORD_VERSION) {
        this.#logger.warn(`${path} was written by another version of onionferry; it is left alone`);
        return undefined;
      }
      const record = v.parse(recordSchema, json, { abortEarly: true });
      if (record.id !== id) throw new OnionferryError('ERR_INTERNAL', 'its id is another');
      return record;
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined;
      if (mayPass(error)) throw unwritableData(path, error);
      this.#logger.warn(`${path} is damaged or open to others; it is left alone`);
      this.#logger.debug(`${path}: ${faultOf(error)}`);
      return undefined;
    }
  }

  async #lock(id: string): Promise<FileLock | undefined> {
    const path = this.#paths(id).lock;
    return await tryLockFile(path).catch((error: unknown) => {
      if (mayPass(error)) throw unwritableData(path, error);
      this.#logger.debug(`cannot lock ${path}: ${String(error)}`);
      return undefined;
    });
  }

  async #removeOrphan(id: string): Promise<void> {
    // Without a lock nobody is making it.
    const found = await stat(this.#paths(id).lock).catch(() => undefined);
    if (found !== undefined && Date.now() - found.mtimeMs < ORPHAN_MS) return;
    await using lock = await this.#lock(id);
    if (lock === undefined) return;
    for (const name of await readdir(this.#directory)) {
      if (name.startsWith(`${id}.`)) await rm(join(this.#directory, name), { force: true });
    }
  }

  #paths(id: string): RecordPaths {
    const at = (suffix: string): string => join(this.#directory, `${id}.${suffix}`);
    return {
      record: at('json'),
      content: at('content.json'),
      journal: at('journal'),
      moves: movesBeside(at('journal')),
      lock: at('lock'),
    };
  }
}

/** Whether what was received is gone, and not because it has its final names. */
async function isGone(record: TransferRecord): Promise<boolean> {
  if (record.kind !== 'recipient' || record.complete !== undefined) return false;
  try {
    return !(await lstat(record.staging)).isDirectory();
  } catch (error) {
    // A disk that cannot be reached just now may come back.
    return systemCode(error) === 'ENOENT';
  }
}

/** What closes a file to this user for good; another system error may be gone the next time. */
const CLOSED: ReadonlySet<string> = new Set(['EACCES', 'EISDIR', 'ELOOP', 'ENOTDIR', 'EPERM']);

/** A record that cannot be read just now must not be taken for none: everything would come again. */
function mayPass(error: unknown): boolean {
  const code = systemCode(error);
  return !(error instanceof OnionferryError) && code !== undefined && !CLOSED.has(code);
}

/** What is wrong with a file, without any of its content, which may be secret. */
function faultOf(error: unknown): string {
  if (v.isValiError<typeof recordSchema>(error)) {
    return `it has a wrong or missing field (${v.getDotPath(error.issues[0]) ?? 'at the top'})`;
  }
  if (error instanceof ExposedFile || error instanceof OnionferryError) return error.message;
  return systemCode(error) ?? 'it is not JSON';
}
