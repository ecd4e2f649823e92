import { createHash, type Hash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { type Bytes, equalBytes } from '../../base/bytes.js';
import { type Deferred, deferred } from '../../base/deferred.js';
import { readExactly } from '../../disk/exact-io.js';
import { nextTurn, SMALL_FILE_BYTES, Turns } from '../../disk/small-file.js';
import type { StagedFiles } from '../../disk/staged-files.js';
import { unwritable } from '../../disk/unwritable.js';
import type { ContentLayout } from '../../stream/content-layout.js';
import { FRAME_CONTENT_BYTES } from '../../stream/frame.js';
import { chunkRange } from '../../stream/journal.js';
import type { Range, Ranges } from '../../stream/ranges.js';

/**
 * Content that came out of turn is kept in memory until its turn to be hashed: about as much as
 * streams of one speed are apart. What does not fit is read back.
 */
const KEPT_MAX_BYTES = 4 * 1024 * 1024;
const KEPT_MAX = 64;

export interface VerificationOptions {
  readonly layout: ContentLayout;
  readonly files: StagedFiles;
  /** What is written; only read here. */
  readonly written: Ranges;
  /** By index in the manifest; a file that is in it is not read again. */
  readonly hashes: Map<number, string>;
  /** MACs of chunks of an earlier process that are still to be checked, ascending. */
  readonly unchecked: Map<number, Bytes>;
  readonly macOf: (chunk: number, content: Bytes) => Bytes;
  /** Must take the range out of `written`. */
  readonly onCorrupt: (range: Range) => void;
}

/**
 * Follows what is written from the content's beginning to its end, and hashes it file by file: from
 * memory what comes in order; the rest is read back while it is fresh. The same pass checks what an
 * earlier process wrote.
 *
 * It never goes past what is missing. While it waits there, it checks chunks of the earlier process
 * further on, so that all damage is known soon.
 */
export class Verification {
  readonly #options: VerificationOptions;
  readonly #buffer: Bytes = new Uint8Array(FRAME_CONTENT_BYTES);
  readonly #turns = new Turns();
  /** Everything before it is hashed. */
  #cursor = 0;
  /** Written or being written after the cursor, by position. */
  readonly #kept = new Map<number, Bytes>();
  #keptBytes = 0;
  /** Of the file that the cursor is in. */
  #hash: Hash | undefined;
  #reading: { readonly index: number; readonly handle: FileHandle } | undefined;
  #running: Promise<void> | undefined;
  #failure: Error | undefined;
  #end = Number.POSITIVE_INFINITY;
  readonly #done: Deferred<undefined> = deferred();

  constructor(options: VerificationOptions) {
    this.#options = options;
    // Awaited at the end, which a failing transfer never reaches; `throwFailure` tells the writer.
    this.#done.promise.catch(() => undefined);
  }

  /**
   * Hashes content that is being written: now if it comes next and nothing is being read, otherwise
   * when its turn comes. It must not be changed after that.
   */
  offer(position: number, content: Bytes): void {
    if (this.#failure !== undefined) return;
    if (this.#running === undefined && position === this.#cursor) {
      this.#consume(content);
      this.#consumeKept();
    } else if (position >= this.#cursor && this.#hasRoomFor(content)) {
      this.#forget(position);
      this.#kept.set(position, content);
      this.#keptBytes += content.length;
    }
  }

  /** To be called when something was written. */
  wake(): void {
    if (this.#running !== undefined || this.#failure !== undefined) return;
    if (!this.#canAdvance() && this.#options.unchecked.size === 0) return;
    this.#running = this.#run().then(
      () => {
        this.#running = undefined;
        // Something was written while this ended.
        if (this.#canAdvance()) this.wake();
      },
      (error: unknown) => this.stop(error as Error), // only errors are thrown there
    );
  }

  /** Resolves when all content, of length `end`, is hashed. */
  async finish(end: number): Promise<void> {
    this.#end = end;
    this.#resolveAtEnd();
    this.wake();
    await this.#done.promise;
    await this.#running;
    const { layout, hashes } = this.#options;
    const last = layout.placements.at(-1);
    // The size of such a file is known only now.
    if (last?.entry.size === null) hashes.set(last.index, this.#digest());
    await this.#leave();
  }

  /** @throws what ended the pass, if anything did */
  throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Ends the pass; `finish` throws `reason`. */
  stop(reason: Error): void {
    this.#failure ??= reason;
    this.#done.reject(this.#failure);
  }

  async close(): Promise<void> {
    await this.#running;
    await this.#leave();
  }

  async #run(): Promise<void> {
    while (this.#failure === undefined) {
      if (this.#canAdvance()) await this.#advance();
      else if (!(await this.#lookAhead())) return;
    }
  }

  #canAdvance(): boolean {
    return this.#cursor < this.#limit();
  }

  /** End of what is written without a gap. */
  #limit(): number {
    const [start, end] = this.#options.written.first() ?? [0, 0];
    return start === 0 ? end : 0;
  }

  async #advance(): Promise<void> {
    if (this.#consumeKept()) return;
    const chunk = Math.floor(this.#cursor / FRAME_CONTENT_BYTES);
    const mac = this.#options.unchecked.get(chunk);
    if (mac !== undefined) {
      if (!(await this.#isSound(chunk, mac))) return;
      const [start, end] = chunkRange(chunk, this.#options.layout.end);
      this.#consume(this.#buffer.subarray(0, end - start));
      return;
    }
    const end = Math.min(this.#limit(), (chunk + 1) * FRAME_CONTENT_BYTES);
    const content = this.#buffer.subarray(0, end - this.#cursor);
    await this.#read(this.#cursor, content);
    this.#consume(content);
    // Kept in other pieces than it was read in.
    for (const position of [...this.#kept.keys()]) {
      if (position < this.#cursor) this.#forget(position);
    }
  }

  /** @returns whether there was anything to check */
  async #lookAhead(): Promise<boolean> {
    const [next] = this.#options.unchecked;
    if (next === undefined) return false;
    await this.#isSound(...next);
    return true;
  }

  /** Reads a chunk into the buffer and compares it; reports it if it is damaged. */
  async #isSound(chunk: number, mac: Bytes): Promise<boolean> {
    const { layout, unchecked, macOf, onCorrupt } = this.#options;
    const [start, end] = chunkRange(chunk, layout.end);
    const content = this.#buffer.subarray(0, end - start);
    // A file that was removed or has shrunk is damage like any other.
    const isThere = await this.#read(start, content).then(
      () => true,
      () => false,
    );
    unchecked.delete(chunk);
    if (isThere && equalBytes(macOf(chunk, content), mac)) return true;
    if (this.#failure === undefined) onCorrupt([start, end]);
    return false;
  }

  async #read(position: number, into: Bytes): Promise<void> {
    const { layout, files, hashes } = this.#options;
    let at = 0;
    for (const { placement, offset, length } of layout.spans(position, into.length)) {
      const { index, entry } = placement;
      const part = into.subarray(at, at + length);
      at += length;
      if (hashes.has(index)) {
        // Of what is not wanted, the journal takes zeros.
        part.fill(0);
        continue;
      }
      try {
        if (entry.size !== null && entry.size <= SMALL_FILE_BYTES) {
          files.readSmall(index, offset, part);
          if (this.#turns.count()) await nextTurn();
        } else {
          await readExactly(await this.#enter(index), offset, part);
        }
      } catch (cause) {
        throw unwritable(files.pathOf(index), cause);
      }
    }
  }

  #hasRoomFor({ length }: Bytes): boolean {
    return this.#kept.size < KEPT_MAX && this.#keptBytes + length <= KEPT_MAX_BYTES;
  }

  /** @returns whether there was any */
  #consumeKept(): boolean {
    const from = this.#cursor;
    for (;;) {
      const content = this.#forget(this.#cursor);
      if (content === undefined) return this.#cursor > from;
      this.#consume(content);
    }
  }

  #forget(position: number): Bytes | undefined {
    const content = this.#kept.get(position);
    if (content === undefined) return undefined;
    this.#kept.delete(position);
    this.#keptBytes -= content.length;
    return content;
  }

  #consume(content: Bytes): void {
    const { layout, hashes } = this.#options;
    let at = 0;
    for (const { placement, offset, length } of layout.spans(this.#cursor, content.length)) {
      const part = content.subarray(at, at + length);
      at += length;
      if (hashes.has(placement.index)) continue;
      this.#hash ??= createHash('sha256');
      this.#hash.update(part);
      if (offset + length === placement.entry.size) hashes.set(placement.index, this.#digest());
    }
    this.#cursor += content.length;
    this.#resolveAtEnd();
  }

  #resolveAtEnd(): void {
    if (this.#cursor === this.#end) this.#done.resolve(undefined);
  }

  #digest(): string {
    const hash = this.#hash ?? createHash('sha256');
    this.#hash = undefined;
    return hash.digest('hex');
  }

  async #enter(index: number): Promise<FileHandle> {
    if (this.#reading?.index !== index) {
      await this.#leave();
      this.#reading = { index, handle: await this.#options.files.openForReading(index) };
    }
    return this.#reading.handle;
  }

  async #leave(): Promise<void> {
    const { handle } = this.#reading ?? {};
    this.#reading = undefined;
    // It was only read from.
    await handle?.close().catch(() => undefined);
  }
}
