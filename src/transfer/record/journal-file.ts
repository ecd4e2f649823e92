import { constants } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { type Bytes, concat } from '../../base/bytes.js';
import { unwritable } from '../../disk/unwritable.js';
import {
  decodeJournal,
  encodeJournalRecord,
  JOURNAL_RECORD_BYTES,
  type JournalRecord,
} from '../../stream/journal.js';

/** What a killed process may have received in vain. */
const FLUSH_MS = 100;
/** (Windows has no such flag; there it counts as none.) */
const FLAGS = constants.O_RDWR | constants.O_CREAT | constants.O_APPEND | constants.O_NOFOLLOW;

/** The journal of a transfer, appended to in batches. It is never synced: the MACs need no order. */
export class JournalFile {
  readonly #path: string;
  readonly #file: FileHandle;
  #batch: Bytes[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  /** A journal that cannot be written only means that more is sent again after a resume. */
  #broken = false;

  private constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#file = file;
  }

  /**
   * Opens the journal at `path`, which is made if need be.
   *
   * @param end length of the content
   * @returns it and what it holds; a torn record at its end is cut off
   * @throws OnionferryError ERR_DESTINATION
   */
  static async open(
    path: string,
    end: number,
  ): Promise<{ journal: JournalFile; macs: Map<number, Bytes> }> {
    let file: FileHandle | undefined;
    try {
      file = await open(path, FLAGS, 0o600);
      const content = new Uint8Array(await file.readFile());
      const corrupt = content.length % JOURNAL_RECORD_BYTES;
      if (corrupt > 0) await file.truncate(content.length - corrupt);
      return { journal: new JournalFile(path, file), macs: decodeJournal(content, end) };
    } catch (cause) {
      await file?.close();
      throw unwritable(path, cause);
    }
  }

  /** Notes a chunk whose content the file system has. */
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
    if (batch.length === 0 || this.#broken) return this.#writing;
    this.#writing = this.#writing
      .then(() => this.#file.appendFile(batch))
      .catch(() => {
        // Half a record may stand there now, behind which nothing could be read.
        this.#broken = true;
      });
    return this.#writing;
  }
}
