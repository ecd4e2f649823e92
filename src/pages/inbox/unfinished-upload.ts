import { createHash } from 'node:crypto';
import { type FileHandle, open, rm } from 'node:fs/promises';
import * as v from 'valibot';
import { type Bytes, concat, equalBytes } from '../../base/bytes.js';
import { replaceFile } from '../../disk/private-file.js';
import { readExactly } from '../../disk/read-exactly.js';
import { unwritable } from '../../disk/unwritable.js';
import { type Range, Ranges } from '../../stream/ranges.js';
import { DIGEST_UNIT_BYTES } from './limits.js';
import type { Claim } from './quota.js';
import { type Checksum, readMetadata, TusRefusal } from './tus-headers.js';

/** Bytes gathered before they are written */
const WRITE_BYTES = 256 * 1024;
/** What is written is noted at least so often: a killed program forgets no more of it. */
const NOTE_EVERY_BYTES = 16 * 1024 * 1024;
/** Pieces that an upload may lie in. Our own page leaves one gap for each request. */
const RANGES_MAX = 2048;

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
/** A note may have been written by another version, or be damaged. */
const NOTE = v.object({
  length: count,
  metadata: v.pipe(v.string(), v.maxLength(16_384)),
  isPartial: v.boolean(),
  expires: count,
  received: v.pipe(v.array(v.tuple([count, count])), v.maxLength(RANGES_MAX)),
});

/** What is on the disk beside an upload. */
export interface UploadNote {
  readonly length: number;
  /** Upload-Metadata as it was sent */
  readonly metadata: string;
  readonly isPartial: boolean;
  /** In ms since 1970 */
  readonly expires: number;
  readonly received: readonly Range[];
}

/** @returns undefined for anything else */
export function parseNote(text: string): UploadNote | undefined {
  try {
    const parsed = v.safeParse(NOTE, JSON.parse(text));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}

/** A file that is complete and on the disk, and not in the inbox yet. */
export interface StagedFile {
  readonly path: string;
  readonly bytes: number;
  /** In hex */
  readonly sha256: string;
  /** SHA-256 of the SHA-256s of its units of DIGEST_UNIT_BYTES, in hex: what a page can compute */
  readonly unitsSha256: string;
}

export interface UnfinishedUploadOptions {
  readonly id: string;
  /** Of the file that it is written to; its note is beside it. */
  readonly path: string;
  readonly note: UploadNote;
  readonly claim: Claim;
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
  /** Up to where the disk must have room; by default all of it */
  readonly upTo?: number;
}

/**
 * A file that arrives in one or more requests, each byte at its own place in one file. What has
 * arrived is noted, so that it survives this process.
 */
export class UnfinishedUpload {
  readonly id: string;
  readonly path: string;
  readonly claim: Claim;
  expires: number;
  readonly #keptMs: number;
  #note: UploadNote;
  readonly #received: Ranges;
  readonly #writers = new Map<Promise<number>, () => void>();
  #noted = 0;
  #noting: Promise<void> = Promise.resolve();
  #isRemoved = false;

  constructor(options: UnfinishedUploadOptions) {
    const { id, path, note, claim } = options;
    this.#note = note;
    this.#keptMs = options.keptMs;
    this.id = id;
    this.path = path;
    this.expires = note.expires;
    this.claim = claim;
    this.#received = new Ranges(note.received.filter(([, end]) => end <= note.length));
    this.#noted = this.#received.bytes;
    claim.written = this.#received.bytes;
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

  /** Makes of a part the whole that begins with it. */
  become(length: number, metadata: string): void {
    this.#note = { ...this.#note, length, metadata, isPartial: false };
  }

  /** Up to where it has arrived without a gap */
  get offset(): number {
    const [start, end] = this.#received.first() ?? [0, 0];
    return start === 0 ? end : 0;
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
    if (this.#isRemoved) throw new TusRefusal(404, 'there is no such upload');
    const work = this.#write(writing);
    this.#writers.set(work, writing.stop);
    try {
      return await work;
    } finally {
      this.#writers.delete(work);
    }
  }

  /** Ends all writing, such as of a request whose circuit has died. */
  async stopWriting(): Promise<void> {
    const writers = [...this.#writers];
    for (const [, stop] of writers) stop();
    await Promise.allSettled(writers.map(([work]) => work));
  }

  /** Brings it to the disk, and reads it once. @throws OnionferryError */
  async staged(): Promise<StagedFile> {
    await this.stopWriting();
    return await this.#onDisk(async () => {
      const file = await open(this.path, 'r+');
      try {
        await file.sync();
        return { path: this.path, bytes: this.length, ...(await digestsOf(file, this.length)) };
      } finally {
        await file.close();
      }
    });
  }

  /** Forgets it, its note and what of its file is still there. */
  async remove(): Promise<void> {
    this.#isRemoved = true;
    await this.stopWriting();
    this.claim[Symbol.dispose]();
    await this.#noting.catch(() => undefined);
    await rm(this.path, { force: true });
    await rm(`${this.path}.json`, { force: true });
  }

  /** Keeps it for a later process. */
  async close(): Promise<void> {
    await this.stopWriting();
    await this.#noting.catch(() => undefined);
    this.#isRemoved = true;
    this.claim[Symbol.dispose]();
  }

  async #write({ at, content, checksum, upTo = this.length }: Writing): Promise<number> {
    await this.claim.resume(upTo);
    const hash = checksum === undefined ? undefined : createHash(checksum.algorithm);
    const file = await this.#onDisk(() => open(this.path, 'r+'));
    let position = at;
    let end = at;
    let held: Bytes[] = [];
    const flush = async (): Promise<void> => {
      if (held.length === 0) return;
      const bytes = concat(...held);
      held = [];
      await this.#onDisk(() => file.write(bytes, 0, bytes.length, position));
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

  async #record(start: number, end: number, file: FileHandle): Promise<void> {
    this.#received.add(start, end);
    if (this.#received.count > RANGES_MAX) {
      this.#received.remove(start, end);
      throw new TusRefusal(400, 'the upload lies in too many pieces');
    }
    this.expires = Date.now() + this.#keptMs;
    await this.claim.reach(this.#received.bytes);
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

  async #writeNote(received = [...this.#received]): Promise<void> {
    const text = JSON.stringify({ ...this.#note, expires: this.expires, received });
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

/** Reads all of it once. */
async function digestsOf(
  file: FileHandle,
  length: number,
): Promise<Pick<StagedFile, 'sha256' | 'unitsSha256'>> {
  const whole = createHash('sha256');
  const units = createHash('sha256');
  const unit = new Uint8Array(Math.min(DIGEST_UNIT_BYTES, length));
  for (let at = 0; at < length; ) {
    const wanted = Math.min(unit.length, length - at);
    const bytes = unit.subarray(0, wanted);
    await readExactly(file, at, bytes);
    whole.update(bytes);
    units.update(createHash('sha256').update(bytes).digest());
    at += wanted;
  }
  return { sha256: whole.digest('hex'), unitsSha256: units.digest('hex') };
}
