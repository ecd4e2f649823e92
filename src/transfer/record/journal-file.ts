import { createCipheriv } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { type Bytes, concat, equalBytes } from '../../base/bytes.js';
import type { Logger } from '../../base/logger.js';
import { writeExactly } from '../../disk/exact-io.js';
import { NO_LINK } from '../../disk/open-flags.js';
import { unwritableData } from '../../disk/unwritable.js';
import {
  CHUNK_MAC_BYTES,
  chunkNonce,
  decodeJournal,
  encodeJournalRecord,
  JOURNAL_RECORD_BYTES,
} from '../../stream/journal.js';

/** What was received in this time before a kill is fetched again. */
const FLUSH_MS = 20;
const { O_RDWR, O_CREAT } = constants;
/** In place of a MAC: what was noted before is not to be believed. */
const NO_MAC = new Uint8Array(CHUNK_MAC_BYTES);

export interface JournalOptions {
  readonly path: string;
  /** Of the MACs, from `deriveJournalKey`. */
  readonly key: Bytes;
  /** Length of the content. */
  readonly end: number;
  readonly logger: Logger;
}

/**
 * The journal of a transfer, appended to in batches. It is never synced: the MACs need no order.
 * What cannot be written, as on a full disk, is tried again with the next batch, at the same offset.
 */
export class JournalFile {
  /** MACs of the chunks that an earlier process noted, by number, ascending. */
  readonly before: ReadonlyMap<number, Bytes>;
  readonly #options: JournalOptions;
  readonly #file: FileHandle;
  #batch: Bytes[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #isTold = false;
  /** Length of the file up to its last whole record. */
  #end: number;

  private constructor(options: JournalOptions, file: FileHandle, content: Bytes) {
    this.#options = options;
    this.#file = file;
    this.#end = content.length;
    const noted = decodeJournal(content, options.end);
    this.before = new Map([...noted].filter(([, mac]) => !equalBytes(mac, NO_MAC)));
  }

  /**
   * Opens a journal, which is made if needed. A record cut short at its end is written over.
   *
   * @throws OnionferryError ERR_DATA_DIRECTORY
   */
  static async open(options: JournalOptions): Promise<JournalFile> {
    const { path } = options;
    let file: FileHandle | undefined;
    try {
      file = await open(path, O_RDWR | O_CREAT | NO_LINK, 0o600);
      const content = new Uint8Array(await file.readFile());
      const whole = content.length - (content.length % JOURNAL_RECORD_BYTES);
      return new JournalFile(options, file, content.subarray(0, whole));
    } catch (cause) {
      await file?.close();
      throw unwritableData(path, cause);
    }
  }

  /** Notes a chunk whose content was handed to the file system. */
  note(chunk: number, content: Bytes): void {
    this.#add(chunk, this.macOf(chunk, content));
  }

  /** Takes back what was noted of a chunk: the disk may have lost it. */
  discredit(chunk: number): void {
    this.#add(chunk, NO_MAC);
  }

  macOf(chunk: number, content: Bytes): Bytes {
    return chunkMac(this.#options.key, chunk, content);
  }

  /** Never throws: what a later process finds counts, and nothing else. */
  async close(): Promise<void> {
    await this.#flush();
    await this.#file.close().catch((error: unknown) => this.#tell(error));
  }

  async remove(): Promise<void> {
    await rm(this.#options.path, { force: true });
  }

  #add(chunk: number, mac: Bytes): void {
    this.#batch.push(encodeJournalRecord({ chunk, mac }));
    this.#timer ??= setTimeout(() => void this.#flush(), FLUSH_MS).unref();
  }

  #flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing = this.#writing.then(() => this.#write());
    return this.#writing;
  }

  async #write(): Promise<void> {
    const records = this.#batch.splice(0);
    const batch = concat(...records);
    try {
      await writeExactly(this.#file, this.#end, batch);
      this.#end += batch.length;
    } catch (error) {
      this.#batch.unshift(...records);
      this.#tell(error);
    }
  }

  #tell(error: unknown): void {
    if (this.#isTold) return;
    this.#isTold = true;
    this.#options.logger.debug(
      `the journal cannot be written (${String(error)}); if this transfer is resumed, more is sent again`,
    );
  }
}

/** AES-256-GMAC: GCM of nothing, with the content as additional data (NIST SP 800-38D, 3). */
export function chunkMac(key: Bytes, chunk: number, content: Bytes): Bytes {
  const cipher = createCipheriv('aes-256-gcm', key, chunkNonce(chunk));
  cipher.setAAD(content);
  cipher.final();
  return cipher.getAuthTag().subarray(0, CHUNK_MAC_BYTES);
}
