import { crc32 } from 'node:zlib';
import { nextTurn, Turns } from '../disk/small-file.js';
import type { Folder } from '../disk/tree/folder.js';
import type { ByteRange } from '../onion-http/content/byte-range.js';
import type { Checksums } from './checksums.js';
import type { PlannedEntry, ZipPlan } from './plan-zip.js';
import { PlannedFiles } from './planned-files.js';
import { readChecksum, readContent } from './read-content.js';
import {
  centralHeader,
  dataDescriptor,
  endRecords,
  localHeader,
  localHeaderLength,
} from './records.js';

export interface ReadZipOptions {
  readonly plan: ZipPlan;
  readonly openRoot: () => Folder | undefined;
  readonly checksums: Checksums;
  readonly range: ByteRange;
  readonly signal: AbortSignal;
}

/**
 * Makes a part of the archive in parts of any size.
 *
 * Checksums of files that do not pass by in this part are read meanwhile, so that they are mostly
 * there when they are needed.
 *
 * @throws OnionferryError ERR_SOURCE_CHANGED if the folder is not as it was planned any more
 */
export async function* readZip(options: ReadZipOptions): AsyncGenerator<Buffer> {
  const { plan, range, signal } = options;
  const { layout } = plan;
  using files = new PlannedFiles(options.openRoot);
  const reader = new ZipReader(options, files);
  const ending = new AbortController();
  const ahead = readAhead(options, AbortSignal.any([signal, ending.signal]));
  try {
    const behind = layout.entries.length;
    for (let index = layout.entryAt(range.start); index < behind; index++) {
      if (layout.startOf(index) >= range.end) return;
      yield* reader.entry(index);
    }
    for (let index = layout.recordAt(range.start); index < behind; index++) {
      if (layout.recordOf(index) >= range.end) return;
      yield await reader.record(index);
    }
    yield reader.clip(endRecords(layout.directory), layout.recordOf(behind));
  } finally {
    ending.abort(new Error('the reading is over'));
    await ahead;
  }
}

class ZipReader {
  readonly #options: ReadZipOptions;
  readonly #files: PlannedFiles;

  constructor(options: ReadZipOptions, files: PlannedFiles) {
    this.#options = options;
    this.#files = files;
  }

  async *entry(index: number): AsyncGenerator<Buffer> {
    const { layout } = this.#options.plan;
    const { range } = this.#options;
    const entry = layout.entries[index];
    if (entry === undefined) return;
    const start = layout.startOf(index);
    yield this.clip(localHeader(entry), start);
    const content = start + localHeaderLength(entry);
    const part = {
      start: Math.max(0, range.start - content),
      end: Math.min(entry.size, range.end - content),
    };
    if (entry.kind === 'file' && part.start <= part.end) yield* this.#content(entry, part);
    const after = content + entry.size;
    if (entry.size > 0 && after < range.end) {
      yield this.clip(dataDescriptor(entry, await this.#checksum(entry)), after);
    }
  }

  async record(index: number): Promise<Buffer> {
    const { layout } = this.#options.plan;
    const entry = layout.entries[index];
    if (entry === undefined) return Buffer.alloc(0);
    const crc = entry.size > 0 ? await this.#checksum(entry) : 0;
    return this.clip(centralHeader(entry, layout.startOf(index), crc), layout.recordOf(index));
  }

  /** What of `bytes`, which stand at `at`, was asked for. */
  clip(bytes: Buffer, at: number): Buffer {
    const { start, end } = this.#options.range;
    return bytes.subarray(Math.max(0, start - at), Math.max(0, end - at));
  }

  async *#content(entry: PlannedEntry, part: ByteRange): AsyncGenerator<Buffer> {
    const { checksums } = this.#options;
    const isWhole = part.start === 0 && part.end === entry.size;
    const isNews = isWhole && checksums.known(entry.identity) === undefined;
    using file = this.#files.open(entry);
    let crc = 0;
    for await (const piece of readContent(file, part)) {
      if (isNews) crc = crc32(piece, crc);
      yield piece;
    }
    if (isNews) checksums.note(entry.identity, crc);
  }

  #checksum(entry: PlannedEntry): Promise<number> {
    return checksumOf(entry, this.#options, this.#options.signal);
  }
}

function checksumOf(
  entry: PlannedEntry,
  { checksums, openRoot }: ReadZipOptions,
  signal: AbortSignal,
): Promise<number> {
  const read = async (until: AbortSignal): Promise<number> => {
    using files = new PlannedFiles(openRoot);
    using file = files.open(entry);
    return await readChecksum(file, until);
  };
  return checksums.of(entry.identity, read, signal);
}

/** Fails silently: who needs a checksum that could not be read will find out why. */
async function readAhead(options: ReadZipOptions, signal: AbortSignal): Promise<void> {
  const turns = new Turns();
  try {
    for (const entry of notPassingBy(options)) {
      if (turns.count()) await nextTurn();
      await checksumOf(entry, options, signal);
    }
  } catch {
    // See above.
  }
}

/** The files whose checksums the range tells without containing all of them. */
function* notPassingBy({ plan: { layout }, range }: ReadZipOptions): Generator<PlannedEntry> {
  const { entries, directory } = layout;
  const first = layout.entryAt(range.start);
  const cut = entries[first];
  const content = cut === undefined ? 0 : layout.startOf(first) + localHeaderLength(cut);
  const whole = cut !== undefined && range.start > content ? first + 1 : first;
  if (cut !== undefined && whole > first && range.end > content + cut.size && cut.size > 0) {
    yield cut;
  }
  if (range.end <= directory.offset) return;
  for (let index = layout.recordAt(range.start); index < whole; index++) {
    const entry = entries[index];
    if (entry === undefined || layout.recordOf(index) >= range.end) return;
    if (entry.size > 0) yield entry;
  }
}
