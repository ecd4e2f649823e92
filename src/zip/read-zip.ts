import { fstatSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { FileTooShort, readExactlySync } from '../disk/exact-io.js';
import { nextTurn, SMALL_FILE_BYTES, Turns } from '../disk/small-file.js';
import type { Folder, OpenFile } from '../disk/tree/folder.js';
import type { ByteRange } from '../onion-http/content/conditions.js';
import { changedMeanwhile, readUnchanged } from '../onion-http/content/file-representation.js';
import { identityOf, isSameOrLonger } from '../onion-http/content/representation.js';
import type { Checksums } from './checksums.js';
import type { PlannedEntry, ZipPlan } from './plan-zip.js';
import { PlannedFiles } from './planned-files.js';
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
  /** Reads files that have grown since, such as logs, as long as they were */
  readonly mayGrow?: boolean;
  readonly range: ByteRange;
  readonly signal: AbortSignal;
}

/**
 * Generates a range of the archive, in pieces of any size.
 *
 * Checksums in the range may belong to files whose content is not in it. Those files are read ahead
 * in the background, so that their checksums are mostly known when they are needed.
 *
 * @throws OnionferryError ERR_SOURCE_CHANGED if what was planned has changed since
 */
export async function* readZip(options: ReadZipOptions): AsyncGenerator<Uint8Array> {
  const { plan, range, signal } = options;
  const { entries, directory } = plan.layout;
  const { layout } = plan;
  using reader = new ZipReader(options);
  const ending = new AbortController();
  const ahead = reader.readAhead(AbortSignal.any([signal, ending.signal]));
  try {
    for (let index = layout.entryAt(range.start); index < entries.length; index++) {
      if (layout.startOf(index) >= range.end) return;
      yield* reader.entry(index);
    }
    for (let index = layout.recordAt(range.start); index < entries.length; index++) {
      if (layout.recordOf(index) >= range.end) return;
      yield await reader.record(index);
    }
    yield reader.clip(endRecords(directory), layout.recordOf(entries.length));
  } finally {
    ending.abort(new Error('the reading is over'));
    await ahead;
  }
}

class ZipReader implements Disposable {
  readonly #options: ReadZipOptions;
  readonly #files: PlannedFiles;

  constructor(options: ReadZipOptions) {
    this.#options = options;
    this.#files = new PlannedFiles(options.openRoot, options.mayGrow === true);
  }

  async *entry(index: number): AsyncGenerator<Uint8Array> {
    const { plan, range, signal } = this.#options;
    const entry = plan.layout.entries[index];
    if (entry === undefined) return;
    const start = plan.layout.startOf(index);
    yield this.clip(localHeader(entry), start);
    const content = start + localHeaderLength(entry);
    const part = {
      start: Math.max(0, range.start - content),
      end: Math.min(entry.size, range.end - content),
    };
    if (entry.kind === 'file' && part.start <= part.end) yield* this.#content(entry, part);
    const after = content + entry.size;
    if (entry.size > 0 && after < range.end) {
      yield this.clip(dataDescriptor(entry, await this.#checksum(entry, signal)), after);
    }
  }

  async record(index: number): Promise<Uint8Array> {
    const { plan, signal } = this.#options;
    const entry = plan.layout.entries[index];
    if (entry === undefined) return new Uint8Array();
    const crc = entry.size > 0 ? await this.#checksum(entry, signal) : 0;
    const record = centralHeader(entry, plan.layout.startOf(index), crc);
    return this.clip(record, plan.layout.recordOf(index));
  }

  /** The requested part of `bytes`, which lie at `at` in the archive. */
  clip(bytes: Uint8Array, at: number): Uint8Array {
    const { start, end } = this.#options.range;
    return bytes.subarray(Math.max(0, start - at), Math.max(0, end - at));
  }

  /** Never fails: a checksum that could not be read fails where it is needed. */
  async readAhead(signal: AbortSignal): Promise<void> {
    const turns = new Turns();
    try {
      for (const entry of outsideRange(this.#options)) {
        if (turns.count()) await nextTurn();
        await this.#checksum(entry, signal);
      }
    } catch {
      // See above.
    }
  }

  [Symbol.dispose](): void {
    this.#files[Symbol.dispose]();
  }

  async *#content(entry: PlannedEntry, part: ByteRange): AsyncGenerator<Uint8Array> {
    const { checksums, mayGrow = false } = this.#options;
    const isWhole = part.start === 0 && part.end === entry.size;
    const isNew = isWhole && checksums.known(entry.identity) === undefined;
    using file = this.#files.open(entry);
    let crc = 0;
    for await (const piece of readContent(file, entry, part, mayGrow)) {
      if (isNew) crc = crc32(piece, crc);
      yield piece;
    }
    if (isNew) checksums.note(entry.identity, crc);
  }

  #checksum(entry: PlannedEntry, signal: AbortSignal): Promise<number> {
    const { checksums, openRoot, mayGrow = false } = this.#options;
    const read = async (until: AbortSignal): Promise<number> => {
      // It may go on when this reader has ended.
      using files = new PlannedFiles(openRoot, mayGrow);
      using file = files.open(entry);
      let crc = 0;
      const whole = { start: 0, end: entry.size };
      for await (const piece of readContent(file, entry, whole, mayGrow)) {
        until.throwIfAborted();
        crc = crc32(piece, crc);
      }
      return crc;
    };
    return checksums.of(entry.identity, read, signal);
  }
}

/** The files whose checksums are in the range although not all of their content is. */
function* outsideRange({ plan: { layout }, range }: ReadZipOptions): Generator<PlannedEntry> {
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

/** Reads a part of a file that was just opened; small files are read without awaiting. */
async function* readContent(
  file: OpenFile,
  entry: PlannedEntry,
  part: ByteRange,
  mayGrow: boolean,
): AsyncGenerator<Buffer> {
  if (entry.size <= SMALL_FILE_BYTES) yield readSmall(file, entry, part, mayGrow);
  else yield* readUnchanged(file, file.stats, part, mayGrow);
}

function readSmall(
  { fd }: OpenFile,
  { identity }: PlannedEntry,
  { start, end }: ByteRange,
  mayGrow: boolean,
): Buffer {
  const buffer = Buffer.allocUnsafe(end - start);
  try {
    readExactlySync(fd, start, buffer);
  } catch (error) {
    throw error instanceof FileTooShort ? changedMeanwhile() : error;
  }
  const now = fstatSync(fd, { bigint: true });
  const isPlanned = mayGrow ? isSameOrLonger(identity, now) : identityOf(now) === identity;
  if (!isPlanned) throw changedMeanwhile();
  return buffer;
}
