import { rm } from 'node:fs/promises';
import type { FileLock } from '../../disk/file-lock.js';
import { createFile, replaceFile } from '../../disk/private-file.js';
import { RECORD_VERSION, type TransferRecord } from './record.js';
import { encodeContent, type RecordedContent } from './recorded-content.js';

/** The files of one record; the record first, without which the others mean nothing. */
export type RecordPaths = Readonly<Record<'record' | 'content' | 'journal' | 'lock', string>>;

type Given = 'version' | 'id' | 'createdAt';

/** `Omit` for each kind of record by itself. */
export type Unrecorded<R extends TransferRecord> = R extends TransferRecord
  ? Omit<R, Given>
  : never;

/**
 * An id that nobody else has, for a transfer that is just beginning. What it holds is written
 * already, meanwhile: it can be long, and nothing goes on before all is on the disk.
 */
export class Reservation implements AsyncDisposable {
  readonly id: string;
  readonly #paths: RecordPaths;
  readonly #lock: FileLock;
  readonly #content: RecordedContent;
  readonly #writing: Promise<void>;
  #created = false;

  constructor(options: {
    readonly id: string;
    readonly content: RecordedContent;
    readonly paths: RecordPaths;
    readonly lock: FileLock;
  }) {
    this.id = options.id;
    this.#content = options.content;
    this.#paths = options.paths;
    this.#lock = options.lock;
    this.#writing = createFile(this.#paths.content, encodeContent(this.#content));
    // Awaited when the record is made, which may never be.
    this.#writing.catch(() => undefined);
  }

  /** Where the recipient's journal belongs. */
  get journal(): string {
    return this.#paths.journal;
  }

  /** From now on the transfer can be resumed. @throws OnionferryError ERR_DESTINATION */
  async create<R extends TransferRecord>(fields: Unrecorded<R>): Promise<HeldRecord<R>> {
    const given = { version: RECORD_VERSION, id: this.id, createdAt: new Date().toISOString() };
    // `Unrecorded` left out exactly these.
    const record = { ...fields, ...given } as unknown as R;
    await this.#writing;
    await replaceFile(this.#paths.record, JSON.stringify(record));
    this.#created = true;
    const content = this.#content;
    return new HeldRecord({ record, content, paths: this.#paths, lock: this.#lock });
  }

  /** Gives the id up, unless a record was made. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#created) return;
    await this.#writing.catch(() => undefined);
    for (const path of Object.values(this.#paths)) await rm(path, { force: true });
    await this.#lock.release();
  }
}

/** A record that this process works with, and nobody else. */
export class HeldRecord<R extends TransferRecord> implements AsyncDisposable {
  readonly content: RecordedContent;
  readonly #paths: RecordPaths;
  readonly #lock: FileLock;
  #record: R;
  #turn: Promise<unknown> = Promise.resolve();
  #removed = false;

  constructor(options: {
    readonly record: R;
    readonly content: RecordedContent;
    readonly paths: RecordPaths;
    readonly lock: FileLock;
  }) {
    this.#record = options.record;
    this.content = options.content;
    this.#paths = options.paths;
    this.#lock = options.lock;
  }

  get record(): R {
    return this.#record;
  }

  get journal(): string {
    return this.#paths.journal;
  }

  /** @throws OnionferryError ERR_DESTINATION */
  async update(changes: Partial<Omit<R, Given | 'kind'>>): Promise<void> {
    this.#record = { ...this.#record, ...changes };
    await this.#inTurn(async () => {
      if (!this.#removed) await replaceFile(this.#paths.record, JSON.stringify(this.#record));
    });
  }

  /** The transfer has ended: nothing is left of it, and nobody can resume it. */
  async remove(): Promise<void> {
    this.#removed = true;
    await this.#inTurn(async () => {
      for (const path of Object.values(this.#paths)) await rm(path, { force: true });
    });
  }

  /** Lets another process go on. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#turn;
    await this.#lock.release();
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const working = this.#turn.then(work);
    this.#turn = working.catch(() => undefined);
    return working;
  }
}
