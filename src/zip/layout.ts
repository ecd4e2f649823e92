import {
  type CentralDirectory,
  centralHeaderLength,
  descriptorLength,
  endLength,
  localHeaderLength,
  type ZipEntry,
} from './records.js';

/**
 * Where each part of the archive lies, known before any content is read: every entry with its local
 * header, content and descriptor, then the central directory with a record for each entry, then the
 * end records.
 */
export class ZipLayout<Entry extends ZipEntry = ZipEntry> {
  readonly entries: readonly Entry[];
  /** Where each entry begins; one more at the end, where the directory begins. */
  readonly #starts: Float64Array;
  /** The same for the records in the directory. */
  readonly #records: Float64Array;
  readonly size: number;

  constructor(entries: readonly Entry[]) {
    this.entries = entries;
    this.#starts = new Float64Array(entries.length + 1);
    this.#records = new Float64Array(entries.length + 1);
    let at = 0;
    entries.forEach((entry, index) => {
      this.#starts[index] = at;
      at += localHeaderLength(entry) + entry.size + descriptorLength(entry);
    });
    this.#starts[entries.length] = at;
    entries.forEach((entry, index) => {
      this.#records[index] = at;
      at += centralHeaderLength(entry, this.startOf(index));
    });
    this.#records[entries.length] = at;
    this.size = at + endLength(this.directory);
  }

  get directory(): CentralDirectory {
    const offset = this.startOf(this.entries.length);
    const length = this.recordOf(this.entries.length) - offset;
    return { entries: this.entries.length, offset, length };
  }

  startOf(index: number): number {
    return this.#starts[index] ?? 0;
  }

  recordOf(index: number): number {
    return this.#records[index] ?? 0;
  }

  /** The entry that contains `position`; the number of entries for a position after them all. */
  entryAt(position: number): number {
    return lastUpTo(this.#starts, position);
  }

  /** The same for records in the directory. */
  recordAt(position: number): number {
    return Math.max(0, lastUpTo(this.#records, position));
  }
}

/** The index of the last of these ascending values that is not above `limit`. */
function lastUpTo(values: Float64Array, limit: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((values[middle] ?? 0) <= limit) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
