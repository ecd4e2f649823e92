import { createHash } from 'node:crypto';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { type Bytes, concat, equalBytes } from '../../base/bytes.js';
import { OnionferryError } from '../../base/errors.js';
import { readExactly, writeExactly } from '../../disk/exact-io.js';
import { replaceFile } from '../../disk/private-file.js';
import { unwritable } from '../../disk/unwritable.js';
import { Ranges } from '../../stream/ranges.js';
import { DIGEST_UNIT_BYTES } from './limits.js';
import type { Claim } from './quota.js';
import { digestsOf, type StagedFile } from './staged-file.js';
import type { StagingCipher } from './staging-cipher.js';
import { type Checksum, readMetadata, TusRefusal } from './tus-headers.js';
import { type JoinedPart, RANGES_MAX, type UploadNote } from './upload-note.js';

/** Bytes gathered before they are written */
const WRITE_BYTES = 256 * 1024;
/** What is written is noted at least so often: a killed program forgets no more of it. */
const NOTE_EVERY_BYTES = 16 * 1024 * 1024;

export interface UnfinishedUploadOptions {
  readonly id: string;
  /** Of the file that it is written to; its note is beside it. */
  readonly path: string;
  readonly note: UploadNote;
  readonly claim: Claim;
  /** Hides what its file holds; undefined if that is in the clear */
  readonly cipher: StagingCipher | undefined;
  /** How long it is kept after the last bytes, in ms */
  readonly keptMs: number;
}

/** Where and how something is written into an upload. */
export interface Writing {
  readonly at: number;
  readonly content: AsyncIterable<Bytes>;
  /** Makes `content` fail. */
  readonly stop: () => void;
  readonly checksum?: Checksum | undefined;
}

/**
 * A file that arrives in one or more requests, each byte at its own place in one file. What has
 * arrived is noted, so that it survives this process.
 */
export class UnfinishedUpload {
  readonly id: string;
  readonly path: string;
  expires: number;
  #claim: Claim;
  readonly #cipher: StagingCipher | undefined;
  readonly #keptMs: number;
  #note: UploadNote;
  readonly #received: Ranges;
  readonly #writers = new Map<Promise<unknown>, () => void>();
  #noted = 0;
  #noting: Promise<void> = Promise.resolve();
  #isRemoved = false;
  #isHeld = false;

  constructor(options: UnfinishedUploadOptions) {
    const { id, path, note, claim } = options;
    this.#note = note;
    this.#cipher = options.cipher;
    this.#keptMs = options.keptMs;
    this.id = id;
    this.path = path;
    this.expires = note.expires;
    this.#claim = claim;
    this.#received = new Ranges(note.received.filter(([, end]) => end <= this.#extent));
    this.#noted = this.#received.bytes;
    claim.written = this.#received.bytes;
  }

  get claim(): Claim {
    return this.#claim;
  }

  get length(): number {
    return this.#note.length;
  }

  get metadata(): ReadonlyMap<string, string> {
    return readMetadata(this.#note.metadata);
  }

  get isPartial(): boolean {
    return this.#note.isPartial;
  }

  /** The parts that stand behind it, which `join` has put there */
  get joined(): readonly JoinedPart[] {
    return this.#note.joined;
  }

  /** Up to where it has arrived without a gap */
  get offset(): number {
    const [start, end] = this.#received.first() ?? [0, 0];
    return start === 0 ? Math.min(end, this.length) : 0;
  }

  /** Bytes that have arrived, wherever */
  get arrived(): number {
    return this.#received.bytes;
  }

  get isComplete(): boolean {
    return this.#received.has(0, this.length);
  }

  get missing(): readonly (readonly [start: number, end: number])[] {
    return this.#received.missingWithin(0, this.length);
  }

  get isBusy(): boolean {
    return this.#writers.size > 0;
  }

  /** Whether it is being saved, or put together with others. */
  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** Until it is disposed of, nobody else writes to it or takes it. @throws TusRefusal 409 */
  hold(): Disposable {
    if (this.#isHeld) throw beingSaved();
    this.#isHeld = true;
    return {
      [Symbol.dispose]: () => {
        this.#isHeld = false;
      },
    };
  }

  /** Makes the empty file and its first note. @throws OnionferryError ERR_DESTINATION, ERR_DISK_FULL */
  async begin(): Promise<void> {
    await this.#onDisk(async () => {
      await (await open(this.path, 'wx', 0o600)).close();
      await this.#writeNote();
    });
  }

  /**
   * Writes what comes. Without a checksum, what has come before a failure stays.
   *
   * @returns where it ended
   * @throws TusRefusal 409 for what lies outside, 460; UploadRefusal; OnionferryError; what reading
   *   the content throws
   */
  async write(writing: Writing): Promise<number> {
    if (this.#isHeld) throw beingSaved();
    return await this.#tracked(() => this.#write(writing), writing.stop);
  }

  /**
   * Copies a part behind this one, and notes it there: from then on the part itself is not needed.
   * Before, nothing of what is known of either changes.
   *
   * @throws UploadRefusal inbox-full, disk-full; OnionferryError; TusRefusal
   */
  async join(part: UnfinishedUpload): Promise<void> {
    const { id, length } = part;
    const stopping = new AbortController();
    const stop = (): void =>
      stopping.abort(new OnionferryError('ERR_INTERRUPTED', 'the inbox was closed'));
    await this.#tracked(async () => {
      const at = this.#extent;
      await this.#claim.resume(at + length);
      await this.#copy(part, at, stopping.signal);
      const received = new Ranges([...this.#received, [at, at + length]]);
      const note = { ...this.#note, joined: [...this.#note.joined, { id, length }] };
      this.expires = Date.now() + this.#keptMs;
      await this.#onDisk(() => this.#writeNote([...received], note));
      this.#note = note;
      this.#received.add(at, at + length);
      this.#noted = this.#received.bytes;
    }, stop);
  }

  /** Ends all writing, such as of a request whose circuit has died. */
  async stopWriting(): Promise<void> {
    const writers = [...this.#writers];
    for (const [, stop] of writers) stop();
    await Promise.allSettled(writers.map(([work]) => work));
  }

  /** Brings it to the disk with what stands behind it, and reads all of that once. @throws OnionferryError */
  async staged(): Promise<StagedFile> {
    await this.stopWriting();
    return await this.#onDisk(async () => {
      const file = await open(this.path, 'r+');
      try {
        const bytes = this.#extent;
        // Of a part whose copy was broken off.
        if ((await file.stat()).size > bytes) await file.truncate(bytes);
        await file.sync();
        const content = (): AsyncIterable<Bytes> => this.#contentTo(bytes);
        return { path: this.path, bytes, content, ...(await digestsOf(content())) };
      } finally {
        await file.close();
      }
    });
  }

  /** Takes its room again, when it could not be saved after all. */
  keepOn(claim: Claim): void {
    this.#claim = claim;
    claim.files = 1;
    claim.written = this.#received.bytes;
    claim.pause();
    this.expires = Date.now() + this.#keptMs;
  }

  /** Forgets it, its note and what of its file is still there. */
  async remove(): Promise<void> {
    this.#isRemoved = true;
    await this.stopWriting();
    this.#claim[Symbol.dispose]();
    await this.#noting.catch(() => undefined);
    await rm(this.path, { force: true });
    await rm(`${this.path}.json`, { force: true });
  }

  /** Keeps it for a later process. */
  async close(): Promise<void> {
    await this.stopWriting();
    await this.#noting.catch(() => undefined);
    this.#isRemoved = true;
    this.#claim[Symbol.dispose]();
  }

  /** Its own content and what stands behind it, in bytes */
  get #extent(): number {
    return this.#note.joined.reduce((sum, { length }) => sum + length, this.#note.length);
  }

  async #tracked<T>(write: () => Promise<T>, stop: () => void): Promise<T> {
    if (this.#isRemoved) throw new TusRefusal(404, 'there is no such upload');
    const work = write();
    this.#writers.set(work, stop);
    try {
      return await work;
    } finally {
      this.#writers.delete(work);
    }
  }

  /** Brings another file's content to the disk, behind this one's. */
  async #copy(part: UnfinishedUpload, at: number, signal: AbortSignal): Promise<void> {
    const { length } = part;
    const from = await this.#onDisk(() => open(part.path, 'r'));
    try {
      const to = await this.#onDisk(() => open(this.path, 'r+'));
      try {
        const piece = new Uint8Array(Math.min(WRITE_BYTES, length));
        for (let done = 0; done < length; ) {
          signal.throwIfAborted();
          const bytes = piece.subarray(0, Math.min(piece.length, length - done));
          await this.#claim.reach(at + done + bytes.length);
          await this.#onDisk(async () => {
            await readExactly(from, done, bytes);
            const clear = part.#applied(done, bytes);
            await writeExactly(to, at + done, this.#applied(at + done, clear));
          });
          done += bytes.length;
        }
        await this.#onDisk(() => to.datasync());
      } finally {
        await to.close();
      }
    } finally {
      await from.close();
    }
  }

  async #write({ at, content, checksum }: Writing): Promise<number> {
    await this.#claim.resume(this.length);
    const hash = checksum === undefined ? undefined : createHash(checksum.algorithm);
    const file = await this.#onDisk(() => open(this.path, 'r+'));
    let position = at;
    let end = at;
    let held: Bytes[] = [];
    const flush = async (): Promise<void> => {
      if (held.length === 0) return;
      const bytes = concat(...held);
      held = [];
      await this.#onDisk(() => writeExactly(file, position, this.#applied(position, bytes)));
      if (checksum === undefined) await this.#record(position, position + bytes.length, file);
      position += bytes.length;
    };
    try {
      try {
        for await (const chunk of content) {
          end += chunk.length;
          if (end > this.length)
            throw new TusRefusal(413, 'there is more of it than was announced');
          hash?.update(chunk);
          held.push(chunk);
          if (end - position >= WRITE_BYTES) await flush();
        }
      } catch (error) {
        if (!(error instanceof TusRefusal)) await flush();
        throw error;
      }
      await flush();
      if (checksum !== undefined) {
        const isRight = equalBytes(new Uint8Array(hash?.digest() ?? []), checksum.digest);
        if (!isRight) throw new TusRefusal(460, 'the checksum does not match');
        await this.#record(at, end, file);
      }
      return end;
    } finally {
      await this.#noteWritten(file).finally(() => file.close());
    }
  }

  /** From what was sent to what stands in the file, or back. */
  #applied(position: number, bytes: Bytes): Bytes {
    return this.#cipher === undefined ? bytes : this.#cipher.apply(position, bytes);
  }

  /** What was sent, in units of DIGEST_UNIT_BYTES */
  async *#contentTo(length: number): AsyncGenerator<Bytes> {
    const file = await this.#onDisk(() => open(this.path, 'r'));
    try {
      for (let at = 0; at < length; at += DIGEST_UNIT_BYTES) {
        const bytes = new Uint8Array(Math.min(DIGEST_UNIT_BYTES, length - at));
        await this.#onDisk(() => readExactly(file, at, bytes));
        yield this.#applied(at, bytes);
      }
    } finally {
      await file.close();
    }
  }

  async #record(start: number, end: number, file: FileHandle): Promise<void> {
    this.#received.add(start, end);
    if (this.#received.count > RANGES_MAX) {
      this.#received.remove(start, end);
      throw new TusRefusal(400, 'the upload lies in too many pieces');
    }
    this.expires = Date.now() + this.#keptMs;
    await this.#claim.reach(this.#received.bytes);
    if (this.#received.bytes - this.#noted >= NOTE_EVERY_BYTES) await this.#noteWritten(file);
  }

  /** The content first: what a note says has arrived must be there also after a loss of power. */
  async #noteWritten(file: FileHandle): Promise<void> {
    if (this.#isRemoved || this.#noted === this.#received.bytes) return;
    const received = [...this.#received];
    this.#noted = this.#received.bytes;
    await this.#onDisk(async () => {
      await file.datasync();
      await this.#writeNote(received);
    });
  }

  async #writeNote(received = [...this.#received], note = this.#note): Promise<void> {
    // The name, and the fingerprint that a page makes of the content, would tell what is hidden.
    const metadata = note.isHidden ? '' : note.metadata;
    const text = JSON.stringify({ ...note, metadata, expires: this.expires, received });
    const before = this.#noting;
    this.#noting = before.catch(() => undefined).then(() => replaceFile(`${this.path}.json`, text));
    await this.#noting;
  }

  async #onDisk<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      throw unwritable(this.path, cause);
    }
  }
}

function beingSaved(): TusRefusal {
  return new TusRefusal(409, 'the upload is being saved');
}
