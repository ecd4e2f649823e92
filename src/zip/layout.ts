import {
  type CentralDirectory,
  centralHeaderLength,
  descriptorLength,
  endLength,
  localHeaderLength,
  type ZipEntry,
} from './records.js';

/**
 * Where everything will lie in the archive, known before anything of it is read.
 *
 * First every entry with its local header, content and descriptor, then every entry's record in
 * the central directory, then the end.
 */
export class ZipLayout<Entry extends ZipEntry = ZipEntry> {
  readonly entries: readonly Entry[];
  /** By index where an entry begins; the last one more is where the directory does. */
  readonly #starts: Float64Array;
  /** The same of records in the directory. */
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

  /** The entry in which `position` lies; the number of entries for one behind them all. */
  entryAt(position: number): number {
    return lastUpTo(this.#starts, position);
  }

  /** The same for records in the directory. */
  recordAt(position: number): number {
    return Math.max(0, lastUpTo(this.#records, position));
  }
}

/** The index of the last value that is not above `limit`, in rising values. */
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
