import { createCipheriv } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { type Bytes, concat } from '../../base/bytes.js';
import type { Logger } from '../../base/logger.js';
import { NO_LINK } from '../../disk/open-flags.js';
import { unwritable } from '../../disk/unwritable.js';
import {
  CHUNK_MAC_BYTES,
  chunkNonce,
  decodeJournal,
  encodeJournalRecord,
  JOURNAL_RECORD_BYTES,
} from '../../stream/journal.js';

/** What was received in this time before a kill is fetched again. */
const FLUSH_MS = 100;
const { O_RDWR, O_CREAT, O_APPEND } = constants;

export interface JournalOptions {
  readonly path: string;
  /** Of the MACs, from `deriveJournalKey`. */
  readonly key: Bytes;
  /** Length of the content. */
  readonly end: number;
  readonly logger: Logger;
}

/** The journal of a transfer, appended to in batches. It is never synced: the MACs need no order. */
export class JournalFile {
  /** MACs of the chunks that an earlier process noted, by number, ascending. */
  readonly before: ReadonlyMap<number, Bytes>;
  readonly #options: JournalOptions;
  readonly #file: FileHandle;
  #batch: Bytes[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #isBroken = false;

  private constructor(
    options: JournalOptions,
    file: FileHandle,
    before: ReadonlyMap<number, Bytes>,
  ) {
    this.#options = options;
    this.#file = file;
    this.before = before;
  }

  /**
   * Opens a journal, which is made if needed. A record cut short at its end is removed.
   *
   * @throws OnionferryError ERR_DESTINATION, ERR_DISK_FULL
   */
  static async open(options: JournalOptions): Promise<JournalFile> {
    const { path, end } = options;
    let file: FileHandle | undefined;
    try {
      file = await open(path, O_RDWR | O_CREAT | O_APPEND | NO_LINK, 0o600);
      const content = new Uint8Array(await file.readFile());
      const excess = content.length % JOURNAL_RECORD_BYTES;
      if (excess > 0) await file.truncate(content.length - excess);
      return new JournalFile(options, file, decodeJournal(content, end));
    } catch (cause) {
      await file?.close();
      throw unwritable(path, cause);
    }
  }

  /** Notes a chunk whose content was handed to the file system. */
  note(chunk: number, content: Bytes): void {
    this.#batch.push(encodeJournalRecord({ chunk, mac: this.macOf(chunk, content) }));
    this.#timer ??= setTimeout(() => void this.#flush(), FLUSH_MS).unref();
  }

  macOf(chunk: number, content: Bytes): Bytes {
    return chunkMac(this.#options.key, chunk, content);
  }

  async close(): Promise<void> {
    await this.#flush();
    await this.#file.close();
  }

  async remove(): Promise<void> {
    await rm(this.#options.path, { force: true });
  }

  #flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const batch = concat(...this.#batch.splice(0));
    if (batch.length === 0 || this.#isBroken) return this.#writing;
    this.#writing = this.#writing
      .then(() => this.#file.appendFile(batch))
      .catch((error: unknown) => {
        // Half a record may be in it now, after which nothing could be read.
        this.#isBroken = true;
        this.#options.logger.debug(
          `the journal cannot be written (${String(error)}); if this transfer is resumed, more is sent again`,
        );
      });
    return this.#writing;
  }
}

/** AES-256-GMAC: GCM of nothing, with the content as additional data (NIST SP 800-38D, 3). */
export function chunkMac(key: Bytes, chunk: number, content: Bytes): Bytes {
  const cipher = createCipheriv('aes-256-gcm', key, chunkNonce(chunk));
  cipher.setAAD(content);
  cipher.final();
  return cipher.getAuthTag().subarray(0, CHUNK_MAC_BYTES);
}
