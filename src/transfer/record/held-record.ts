import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { inPieces, jsonArray } from '../../base/slices.js';
import type { FileLock } from '../../disk/file-lock.js';
import { replaceFile, writeNewFile } from '../../disk/private-file.js';
import { unwritableData } from '../../disk/unwritable.js';
import { RECORD_VERSION, type TransferRecord } from './record.js';
import { encodeContent, type RecordedContent } from './recorded-content.js';

/** The files of one record; the record first, without which the others mean nothing. */
export type RecordPaths = Readonly<
  Record<'record' | 'content' | 'journal' | 'moves' | 'lock', string>
>;

export async function removeRecord(paths: RecordPaths): Promise<void> {
  for (const path of Object.values(paths)) await rm(path, { force: true });
  // A process that was killed while it wrote one of them has left part of another.
  const [directory, id] = [dirname(paths.record), basename(paths.record, 'json')];
  for (const name of await readdir(directory)) {
    if (name.startsWith(id)) await rm(join(directory, name), { force: true });
  }
}

type Given = 'version' | 'id' | 'createdAt';

/** `Omit` for each kind of record by itself. */
export type Unrecorded<R extends TransferRecord> = R extends TransferRecord
  ? Omit<R, Given>
  : never;

interface Held {
  readonly content: RecordedContent;
  readonly paths: RecordPaths;
  readonly lock: FileLock;
}

/**
 * An id that nobody else has, for a transfer that is just beginning. Its content is being written
 * meanwhile: it can be long, and the transfer waits until all of it is on the disk.
 */
export class Reservation implements AsyncDisposable {
  readonly id: string;
  readonly #held: Held;
  readonly #writing: Promise<void>;
  #created = false;

  constructor(id: string, held: Held) {
    this.id = id;
    this.#held = held;
    this.#writing = writeNewFile(held.paths.content, encodeContent(held.content));
    // Awaited when the record is made, which may never happen.
    this.#writing.catch(() => undefined);
  }

  /** The file for the recipient's journal. */
  get journal(): string {
    return this.#held.paths.journal;
  }

  /** From now on the transfer can be resumed. @throws OnionferryError ERR_DATA_DIRECTORY */
  async create<R extends TransferRecord>(fields: Unrecorded<R>): Promise<HeldRecord<R>> {
    const given = { version: RECORD_VERSION, id: this.id, createdAt: new Date().toISOString() };
    // `Unrecorded` left out exactly these.
    const record = { ...fields, ...given } as unknown as R;
    const { paths } = this.#held;
    await this.#writing.catch((cause: unknown) => {
      throw unwritableData(paths.content, cause);
    });
    await writeRecord(paths.record, record);
    this.#created = true;
    return new HeldRecord(record, this.#held);
  }

  /** Gives the id up, unless a record was made. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#created) return;
    // Whether it could be written is of no interest any more.
    await this.#writing.catch(() => undefined);
    await removeRecord(this.#held.paths);
    await this.#held.lock.release();
  }
}

/** A record that this process works with, and nobody else. */
export class HeldRecord<R extends TransferRecord> implements AsyncDisposable {
  readonly content: RecordedContent;
  readonly #held: Held;
  #record: R;
  #turn: Promise<unknown> = Promise.resolve();
  #removed = false;

  constructor(record: R, held: Held) {
    this.#record = record;
    this.#held = held;
    this.content = held.content;
  }

  get record(): R {
    return this.#record;
  }

  get journal(): string {
    return this.#held.paths.journal;
  }

  /** @throws OnionferryError ERR_DATA_DIRECTORY */
  async update(changes: Partial<Omit<R, Given | 'kind'>>): Promise<void> {
    this.#record = { ...this.#record, ...changes };
    await this.#inTurn(async () => {
      if (!this.#removed) await writeRecord(this.#held.paths.record, this.#record);
    });
  }

  /** The transfer has ended: nothing is left of it, and nobody can resume it. */
  async remove(): Promise<void> {
    this.#removed = true;
    await this.#inTurn(() => removeRecord(this.#held.paths));
  }

  /** Leaves it to another process. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#turn;
    await this.#held.lock.release();
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const working = this.#turn.then(work);
    // The caller is told of a failure, the next one in turn is not.
    this.#turn = working.catch(() => undefined);
    return working;
  }
}

async function writeRecord(path: string, record: TransferRecord): Promise<void> {
  await replaceFile(path, inPieces(recordParts(record))).catch((cause: unknown) => {
    throw unwritableData(path, cause);
  });
}

/** A complete one can hold half a million files. */
function* recordParts(record: TransferRecord): Generator<string> {
  if (record.kind !== 'recipient' || record.complete === undefined) {
    yield JSON.stringify(record);
    return;
  }
  const { complete, ...others } = record;
  yield `${JSON.stringify(others).slice(0, -1)},"complete":{"files":`;
  yield* jsonArray(complete.files);
  yield `,"warnings":${JSON.stringify(complete.warnings)}}}`;
}
