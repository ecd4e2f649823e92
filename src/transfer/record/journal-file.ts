import { constants } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { type Bytes, concat } from '../../base/bytes.js';
import type { Logger } from '../../base/logger.js';
import { NO_LINK } from '../../disk/open-flags.js';
import { unwritable } from '../../disk/unwritable.js';
import {
  decodeJournal,
  encodeJournalRecord,
  JOURNAL_RECORD_BYTES,
  type JournalRecord,
} from '../../stream/journal.js';

/** What was received in this time before a kill is fetched again. */
const FLUSH_MS = 100;
const { O_RDWR, O_CREAT, O_APPEND } = constants;

/** The journal of a transfer, appended to in batches. It is never synced: the MACs need no order. */
export class JournalFile {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #logger: Logger;
  #batch: Bytes[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #isBroken = false;

  private constructor(path: string, file: FileHandle, logger: Logger) {
    this.#path = path;
    this.#file = file;
    this.#logger = logger;
  }

  /**
   * Opens the journal at `path`, which is made if needed.
   *
   * @param end length of the content
   * @returns it and the MACs in it; a record cut short at its end is removed
   * @throws OnionferryError ERR_DESTINATION, ERR_DISK_FULL
   */
  static async open(
    path: string,
    end: number,
    logger: Logger,
  ): Promise<{ journal: JournalFile; macs: Map<number, Bytes> }> {
    let file: FileHandle | undefined;
    try {
      file = await open(path, O_RDWR | O_CREAT | O_APPEND | NO_LINK, 0o600);
      const content = new Uint8Array(await file.readFile());
      const excess = content.length % JOURNAL_RECORD_BYTES;
      if (excess > 0) await file.truncate(content.length - excess);
      return { journal: new JournalFile(path, file, logger), macs: decodeJournal(content, end) };
    } catch (cause) {
      await file?.close();
      throw unwritable(path, cause);
    }
  }

  /** Notes a chunk whose content was handed to the file system. */
  append(record: JournalRecord): void {
    this.#batch.push(encodeJournalRecord(record));
    this.#timer ??= setTimeout(() => void this.#flush(), FLUSH_MS).unref();
  }

  async close(): Promise<void> {
    await this.#flush();
    await this.#file.close();
  }

  async remove(): Promise<void> {
    await rm(this.#path, { force: true });
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
        this.#logger.debug(
          `the journal cannot be written (${String(error)}); if this transfer is resumed, more is sent again`,
        );
      });
    return this.#writing;
  }
}
