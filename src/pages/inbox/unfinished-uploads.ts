import { randomBytes } from 'node:crypto';
import type { InboxLimits } from './limits.js';
import { FORM_OVERHEAD_BYTES } from './limits.js';
import type { Quota } from './quota.js';
import type { StagedFile } from './staged-file.js';
import { StagingCipher } from './staging-cipher.js';
import { isUploadId, TusRefusal } from './tus-headers.js';
import { UnfinishedFolder } from './unfinished-folder.js';
import { UnfinishedUpload } from './unfinished-upload.js';
import { UploadRefusal } from './upload-refusal.js';

/** Uploads whose end is remembered, for clients that did not get the last reply */
const DONE_MAX = 2000;
const SWEEP_MS = 60_000;
const ID_BYTES = 16;

export interface NewUpload {
  readonly length: number;
  /** Upload-Metadata as it was sent, and readable */
  readonly metadata: string;
  readonly isPartial: boolean;
  /** tus name in the metadata by which a page finds it again */
  readonly fingerprint: string | undefined;
  readonly circuit: number | undefined;
}

/** What is remembered of an upload that is in the inbox. */
export interface DoneUpload {
  readonly length: number;
  readonly concat?: string;
}

/** What is asked for, to be saved. */
export interface WantedUpload {
  readonly id: string;
  /** What it must be, as a page can compute it */
  readonly unitsSha256?: string;
  /** Of what it was put together */
  readonly concat?: string;
}

export interface UnfinishedUploadsOptions {
  readonly directory: string;
  readonly limits: InboxLimits;
  readonly quota: Quota;
  /** Whether what waits on the disk is hidden; it is lost when this process ends. */
  readonly hides: boolean;
}

interface Kept {
  readonly upload: UnfinishedUpload;
  readonly folder: UnfinishedFolder;
  readonly fingerprint: string | undefined;
  readonly circuit: number | undefined;
  heardAt: number;
}

/** The uploads that have begun and are not in the inbox yet, also those of an earlier process. */
export class UnfinishedUploads {
  readonly #options: UnfinishedUploadsOptions;
  readonly #kept = new Map<string, Kept>();
  readonly #done = new Map<string, DoneUpload>();
  readonly #folders = new Set<UnfinishedFolder>();
  #folder: Promise<UnfinishedFolder> | undefined;
  #sweep: NodeJS.Timeout | undefined;
  #beginning = 0;
  #isClosed = false;

  private constructor(options: UnfinishedUploadsOptions) {
    this.#options = options;
  }

  /** Goes on with what an earlier process has left. @throws OnionferryError ERR_DESTINATION */
  static async open(options: UnfinishedUploadsOptions): Promise<UnfinishedUploads> {
    const uploads = new UnfinishedUploads(options);
    const { quota, limits } = options;
    for (const { id, note, folder } of await UnfinishedFolder.left(options.directory)) {
      uploads.#folders.add(folder);
      const path = folder.pathOf(id);
      const claim = quota.restore();
      try {
        const upload = new UnfinishedUpload({
          ...{ id, path, note, claim, keptMs: limits.unfinishedMs },
          cipher: undefined,
        });
        claim.pause();
        const fingerprint = upload.metadata.get('fingerprint');
        const kept = { upload, folder, fingerprint, circuit: undefined, heardAt: Date.now() };
        uploads.#kept.set(id, kept);
        for (const part of note.joined) {
          uploads.#remember(part.id, { length: part.length, concat: 'partial' });
        }
      } catch {
        // Its metadata are damaged.
        claim[Symbol.dispose]();
        await uploads.#leave(folder);
      }
    }
    await uploads.#removeExpired();
    return uploads;
  }

  find(id: string): UnfinishedUpload | undefined {
    const kept = this.#kept.get(id);
    if (kept === undefined || kept.upload.expires < Date.now()) return undefined;
    kept.heardAt = Date.now();
    return kept.upload;
  }

  /** The circuit that it was begun through, where that is known */
  circuitOf(id: string): number | undefined {
    return this.#kept.get(id)?.circuit;
  }

  /** The one that shows the same fingerprint and length, so from a visitor who holds the same file. */
  findAgain({ fingerprint, length }: NewUpload): UnfinishedUpload | undefined {
    if (fingerprint === undefined) return undefined;
    for (const [id, kept] of this.#kept) {
      if (kept.fingerprint !== fingerprint || kept.upload.length !== length) continue;
      const upload = this.find(id);
      if (upload !== undefined) return upload;
    }
    return undefined;
  }

  /** Those that are complete and wait for nothing more, such as after a kill just before they were saved. */
  whole(): UnfinishedUpload[] {
    return [...this.#kept.values()].map(({ upload }) => upload).filter(isWhole);
  }

  done(id: string): DoneUpload | undefined {
    return this.#done.get(id);
  }

  /** @returns the id of what was made of parts */
  doneAs(concat: string): string | undefined {
    for (const [id, done] of this.#done) if (done.concat === concat) return id;
    return undefined;
  }

  /** @throws UploadRefusal; OnionferryError ERR_DESTINATION, ERR_DISK_FULL */
  async begin(wanted: NewUpload): Promise<UnfinishedUpload> {
    const { quota, limits, hides } = this.#options;
    this.#beginning++;
    try {
      await this.#makeRoom(wanted.circuit);
    } catch (error) {
      this.#beginning--;
      throw error;
    }
    // The allowance for a form's own bytes is not for these.
    const claim = await quota.claim(wanted.length + FORM_OVERHEAD_BYTES).catch((error: unknown) => {
      this.#beginning--;
      throw error;
    });
    let folder: UnfinishedFolder | undefined;
    try {
      claim.addFile(0);
      const id = randomBytes(ID_BYTES).toString('hex');
      folder = await this.#currentFolder();
      const path = folder.enter(id);
      const { length, metadata, isPartial, fingerprint, circuit } = wanted;
      const expires = Date.now() + limits.unfinishedMs;
      const shape = { length, metadata, isPartial, isHidden: hides };
      const upload = new UnfinishedUpload({
        ...{ id, path, claim, keptMs: limits.unfinishedMs },
        note: { ...shape, expires, received: [], joined: [] },
        cipher: hides ? new StagingCipher() : undefined,
      });
      await upload.begin();
      if (this.#isClosed) throw new UploadRefusal({ kind: 'busy' });
      this.#kept.set(id, { upload, folder, fingerprint, circuit, heardAt: Date.now() });
      this.#watch();
      return upload;
    } catch (error) {
      claim[Symbol.dispose]();
      if (folder !== undefined) await this.#leave(folder);
      throw error;
    } finally {
      this.#beginning--;
    }
  }

  /** Forgets it and its file, unless that was moved. @param done what to remember of it */
  async remove(id: string, done?: DoneUpload): Promise<void> {
    const kept = this.#kept.get(id);
    if (kept === undefined) return;
    this.#kept.delete(id);
    if (done !== undefined) this.#remember(id, done);
    await kept.upload.remove();
    await this.#leave(kept.folder);
  }

  /**
   * Takes complete files for the inbox. While `use` runs, their room is not reserved. If it fails,
   * all of them are kept as they were, for another attempt, unless they are refused for good: it must
   * have put back what it has moved.
   *
   * @throws TusRefusal 404, 409, 460
   */
  async take<T>(
    wanted: readonly WantedUpload[],
    use: (files: readonly StagedFile[]) => Promise<T>,
  ): Promise<T> {
    const held = new Map<UnfinishedUpload, Disposable>();
    try {
      for (const { id } of wanted) {
        const upload = this.find(id);
        if (upload === undefined) throw new TusRefusal(404, 'there is no such upload');
        if (!upload.isComplete) throw new TusRefusal(409, 'the upload is not complete');
        held.set(upload, upload.hold());
      }
      return await this.#takeHeld(wanted, [...held.keys()], use);
    } finally {
      for (const hold of held.values()) hold[Symbol.dispose]();
    }
  }

  async #takeHeld<T>(
    wanted: readonly WantedUpload[],
    uploads: readonly UnfinishedUpload[],
    use: (files: readonly StagedFile[]) => Promise<T>,
  ): Promise<T> {
    const files: StagedFile[] = [];
    for (const [index, upload] of uploads.entries()) {
      const staged = await upload.staged();
      const digest = wanted[index]?.unitsSha256;
      if (digest !== undefined && digest !== staged.unitsSha256) {
        // Somebody else with the same file has sent other bytes, or the file has changed meanwhile.
        await this.remove(upload.id);
        throw new TusRefusal(460, 'the checksum does not match');
      }
      files.push(staged);
    }
    for (const upload of uploads) upload.claim[Symbol.dispose]();
    let result: T;
    try {
      result = await use(files);
    } catch (error) {
      for (const upload of uploads) upload.keepOn(this.#options.quota.restore());
      if (error instanceof UploadRefusal && error.isFinal) {
        for (const { id } of uploads) await this.remove(id);
      }
      throw error;
    }
    for (const [index, { bytes }] of files.entries()) {
      const { id = '', concat } = wanted[index] ?? {};
      await this.remove(id, { length: bytes, ...(concat !== undefined && { concat }) });
    }
    return result;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#sweep);
    await Promise.all([...this.#kept.values()].map(({ upload }) => upload.close()));
    this.#kept.clear();
    await this.#folder?.catch(() => undefined);
    await Promise.all([...this.#folders].map((folder) => folder.close()));
  }

  /** @throws UploadRefusal 'busy' if there is none, and nobody who holds more can give some up */
  async #makeRoom(circuit: number | undefined): Promise<void> {
    const { unfinishedUploads, unfinishedPerCircuit } = this.#options.limits;
    // Those of an earlier process, whose circuits are not known, count for themselves.
    const counts = new Map<number | string, number>();
    const holderOf = (id: string, kept: Kept): number | string => kept.circuit ?? id;
    for (const [id, kept] of this.#kept) {
      counts.set(holderOf(id, kept), (counts.get(holderOf(id, kept)) ?? 0) + 1);
    }
    const own = circuit === undefined ? 0 : (counts.get(circuit) ?? 0);
    const busy = new UploadRefusal({ kind: 'busy' });
    if (this.#isClosed || own >= unfinishedPerCircuit) throw busy;
    if (this.#kept.size + this.#beginning <= unfinishedUploads) return;
    const most = Math.max(0, ...counts.values());
    const crowd = [...this.#kept]
      .filter(([id, kept]) => counts.get(holderOf(id, kept)) === most && !kept.upload.isBusy)
      .sort(([, a], [, b]) => a.heardAt - b.heardAt);
    const [longestIdle] = crowd;
    // Who holds hardly more than the newcomer gives up only what nobody has touched for long.
    const since = Date.now() - this.#options.limits.unfinishedIdleMs;
    const mayGo =
      most > own + 1 || (most > own && (longestIdle?.[1].heardAt ?? since + 1) <= since);
    if (longestIdle === undefined || !mayGo) throw busy;
    await this.remove(longestIdle[0]);
  }

  async #currentFolder(): Promise<UnfinishedFolder> {
    const [first] = this.#folders;
    if (first !== undefined) return first;
    this.#folder ??= UnfinishedFolder.make(this.#options.directory).then(
      (folder) => {
        this.#folders.add(folder);
        return folder;
      },
      (error: unknown) => {
        this.#folder = undefined;
        throw error;
      },
    );
    return await this.#folder;
  }

  async #leave(folder: UnfinishedFolder): Promise<void> {
    if (folder.isLast) {
      this.#folders.delete(folder);
      this.#folder = undefined;
    }
    await folder.leave();
  }

  #remember(id: string, done: DoneUpload): void {
    this.#done.set(id, done);
    const [oldest] = this.#done.keys();
    if (this.#done.size > DONE_MAX && oldest !== undefined) this.#done.delete(oldest);
  }

  /** Runs only while there is something to expire. */
  #watch(): void {
    if (this.#sweep !== undefined || this.#isClosed || this.#kept.size === 0) return;
    const { unfinishedMs, unfinishedIdleMs } = this.#options.limits;
    const every = Math.min(SWEEP_MS, unfinishedMs, unfinishedIdleMs);
    this.#sweep = setTimeout(() => {
      this.#sweep = undefined;
      this.#pauseIdle();
      void this.#removeExpired();
    }, every);
    this.#sweep.unref();
  }

  #pauseIdle(): void {
    const before = Date.now() - this.#options.limits.unfinishedIdleMs;
    for (const { upload, heardAt } of this.#kept.values()) {
      if (heardAt <= before && !upload.isBusy) upload.claim.pause();
    }
  }

  async #removeExpired(): Promise<void> {
    const now = Date.now();
    for (const [id, { upload }] of this.#kept) {
      // What cannot be removed now goes when the inbox is opened again.
      if (upload.expires < now && !upload.isHeld) await this.remove(id).catch(() => undefined);
    }
    this.#watch();
  }
}

/** Whether it is to be saved now: not if it is a part, or waits for a form. */
export function isWhole(upload: UnfinishedUpload): boolean {
  return upload.isComplete && !upload.isPartial && !upload.metadata.has('fingerprint');
}

/** Whether a path names an upload. */
export function idOf(text: string | undefined): string {
  if (text === undefined || !isUploadId(text)) throw new TusRefusal(404, 'there is no such upload');
  return text;
}
