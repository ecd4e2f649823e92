import { resolve } from 'node:path';
import type { Bytes } from '../../base/bytes.js';
import { OnionferryError } from '../../base/errors.js';
import { Commit, type Conflict } from '../../disk/commit.js';
import { removeAtExit } from '../../disk/remove-at-exit.js';
import { StagedFiles } from '../../disk/staged-files.js';
import type { Destination, ReceivedFiles } from '../../session/receiving/destination.js';
import type { ContentLayout, Placement } from '../../stream/content-layout.js';
import { FRAME_CONTENT_BYTES } from '../../stream/frame.js';
import { chunkAt, chunkRange } from '../../stream/journal.js';
import { type Range, Ranges } from '../../stream/ranges.js';
import type { JournalFile } from '../record/journal-file.js';
import type { MoveJournal, PlannedMoves } from '../record/move-journal.js';
import { giveFinalNames, planMoves, receivedFiles } from './final-names.js';
import { makeHardLinks } from './hard-links.js';
import { PartialChunks } from './partial-chunks.js';
import { resumableFailure } from './resumable-failure.js';
import { StagedContent } from './staged-content.js';
import type { StagedTree } from './staged-tree.js';
import { removeUnsent } from './unsent-names.js';
import { Verification } from './verification.js';

/** What lets a later process resume. */
export interface Resumable {
  /** Undefined if there is nothing more to write. */
  readonly journal: JournalFile | undefined;
  /** Those of the journal's chunks whose files are there. */
  readonly believed: ReadonlyMap<number, Bytes>;
  readonly moves: MoveJournal;
  /** Of an earlier process that had everything, and was giving final names. */
  readonly planned: PlannedMoves | undefined;
  readonly onCommitted: ((received: ReceivedFiles) => Promise<void>) | undefined;
}

export interface FolderDestinationOptions {
  readonly directory: string;
  readonly conflict: Conflict;
  readonly layout: ContentLayout;
  readonly tree: StagedTree;
  /** What of the content is not wanted; nothing unless set. */
  readonly unwanted?: Ranges | undefined;
  /** Whether extended attributes that came along are set. */
  readonly xattrs?: boolean | undefined;
  readonly resumable: Resumable | undefined;
}

/**
 * Writes content into a staging folder, in whatever order it comes, and moves it to its final names
 * when it is whole.
 *
 * Writes are carried out one after the other. A file whose bytes are all written is closed and
 * synced in the background; hashing follows by itself.
 */
export class FolderDestination implements Destination {
  readonly written: Ranges = new Ranges();
  readonly #options: FolderDestinationOptions;
  readonly #files: StagedFiles;
  readonly #content: StagedContent;
  readonly #hashes: Map<number, string>;
  readonly #verification: Verification;
  readonly #unwanted: Ranges;
  readonly #partial: PartialChunks;
  readonly #forget: () => void;
  #state: 'writing' | 'committed' | 'suspended' | 'discarded' = 'writing';
  #onCorrupt: ((start: number, end: number) => void) | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #failure: unknown;
  /** Everything is made ready for its final name: links, copies, times. */
  #preparing: Promise<unknown> | undefined;
  /** Breaks that off. */
  readonly #stopping = new AbortController();
  /** Giving final names takes a moment, and is not broken off. */
  #committing: Promise<unknown> | undefined;

  constructor(options: FolderDestinationOptions) {
    const { layout, tree, resumable, unwanted = new Ranges() } = options;
    this.#options = options;
    this.#unwanted = unwanted;
    this.#partial = new PartialChunks(unwanted, layout.end);
    const files = new StagedFiles((index) => tree.pathOf(index), tree.lengths.keys());
    this.#files = files;
    this.#hashes = new Map(resumable?.planned?.hashes);
    this.#content = new StagedContent({
      ...{ layout, files, hashes: this.#hashes },
      isUnwanted: (index) => this.#isUnwanted(index),
      onLost: (file) => this.#disbelieve(file),
    });
    for (const { index } of layout.placements) {
      // Nothing is written or read of it.
      if (this.#isUnwanted(index)) this.#hashes.set(index, '');
    }
    for (const [start, end] of unwanted) this.written.add(start, end);
    if (resumable?.planned !== undefined && layout.end > 0) this.written.add(0, layout.end);
    const believed = resumable?.believed ?? new Map<number, Bytes>();
    for (const chunk of believed.keys()) {
      const range = chunkRange(chunk, layout.end);
      this.written.add(...range);
      this.#content.believe(range);
    }
    this.#verification = new Verification({
      layout,
      files,
      written: this.written,
      hashes: this.#hashes,
      unchecked: new Map(believed),
      macOf: (chunk, content) => resumable?.journal?.macOf(chunk, content) ?? new Uint8Array(),
      onCorrupt: (range) => this.#discredit(range),
    });
    // What can be resumed outlives a process that ends in any way.
    this.#forget = resumable === undefined ? removeAtExit(tree.path) : () => undefined;
  }

  /** The hidden folder that is written into; with it a later process can resume. */
  get staging(): string {
    // A later process may have another working directory.
    return resolve(this.#options.tree.path);
  }

  get isCommitting(): boolean {
    return this.#committing !== undefined || this.#options.resumable?.planned !== undefined;
  }

  get unwanted(): number {
    return this.#unwanted.bytes;
  }

  verify(onCorrupt: (start: number, end: number) => void): void {
    this.#onCorrupt = onCorrupt;
    if (this.#options.resumable?.planned === undefined) this.#verification.wake();
    // Some of it has its final name already: the rest stays, however this process ends.
    else this.#forget();
  }

  write(position: number, content: Bytes): Promise<void> {
    const writing = this.#turn
      .then(() => this.#put(position, content))
      .catch(async (error: unknown) => {
        this.#failure ??= await this.#failureOf(error);
        throw this.#failure;
      });
    // The caller is told; the next write throws the same.
    this.#turn = writing.catch(() => undefined);
    return writing;
  }

  async finish(total: number): Promise<ReceivedFiles> {
    try {
      const received = await this.#finish(total);
      await this.#end('committed');
      const left = await this.#options.tree.removeIfPossible();
      this.#forget();
      return { ...received, warnings: [...received.warnings, ...left] };
    } catch (error) {
      throw await this.#failureOf(error);
    }
  }

  async #finish(total: number): Promise<ReceivedFiles> {
    const { directory, conflict, layout, tree, resumable } = this.#options;
    const commit = new Commit({ staging: tree.path, directory, conflict });
    const planned = resumable?.planned ?? (await this.#prepared(total, commit));
    this.#stopping.signal.throwIfAborted();
    // From here on only a later process can tell what still needs its name.
    if (resumable !== undefined) this.#forget();
    const committing = giveFinalNames(commit, planned, resumable).then(async () => {
      const received = await receivedFiles({
        layout,
        tree,
        hashes: this.#hashes,
        commit,
        total,
        warnings: planned.warnings,
      });
      await resumable?.onCommitted?.(received);
      this.#state = 'committed';
      return received;
    });
    this.#committing = committing;
    return await committing;
  }

  async #prepared(total: number, commit: Commit): Promise<PlannedMoves> {
    const preparing = this.#prepare(total, commit);
    this.#preparing = preparing;
    return await preparing;
  }

  /** Makes everything ready to be moved, and notes the moves. */
  async #prepare(total: number, commit: Commit): Promise<PlannedMoves> {
    await this.#completeFiles(total);
    const { tree, resumable, xattrs = false } = this.#options;
    const { signal } = this.#stopping;
    const copies = await makeHardLinks(tree.entries, this.#files, signal);
    const warnings = await removeUnsent(tree);
    warnings.push(...(await tree.finish({ copies, xattrs, signal })));
    const moves = await planMoves(commit, tree);
    const planned = { moves, done: 0, hashes: this.#hashes, warnings };
    signal.throwIfAborted();
    await resumable?.moves.create(planned);
    return planned;
  }

  /** What a failure means to the one whose disk it is. */
  async #failureOf(error: unknown): Promise<unknown> {
    const { directory, layout, resumable } = this.#options;
    if (resumable === undefined) return error;
    return await resumableFailure(error, directory, layout.end - this.written.bytes);
  }

  async suspend(): Promise<void> {
    await this.#breakOff();
    if (this.#options.resumable === undefined) {
      await this.discard();
    } else if (this.#state === 'writing') {
      this.#forget();
      // What has come is not to come again.
      await this.#turn;
      await this.#end('suspended');
    }
  }

  async discard(): Promise<void> {
    await this.#breakOff();
    if (this.#state !== 'writing') return;
    await this.#end('discarded');
    const { tree, resumable } = this.#options;
    await tree.remove();
    await resumable?.journal?.remove();
    await resumable?.moves.remove();
    this.#forget();
  }

  /** Final names that are being given are waited for; what comes before them is broken off. */
  async #breakOff(): Promise<void> {
    if (this.#committing === undefined) this.#stopping.abort(stopped());
    else await Promise.allSettled([this.#committing]);
  }

  /** Closes whatever is open; what was written stays where it is. */
  async #end(state: 'committed' | 'suspended' | 'discarded'): Promise<void> {
    this.#state = state;
    const ended = stopped();
    this.#failure ??= ended;
    this.#verification.stop(ended);
    await this.#turn;
    await Promise.allSettled([this.#preparing]);
    await this.#verification.close();
    await this.#content.close();
    await this.#options.resumable?.journal?.close();
  }

  /** Resolves when every file is whole, hashed and on disk. */
  async #completeFiles(total: number): Promise<void> {
    const { end } = this.#options.layout;
    if (this.written.bytes !== total || (Number.isFinite(end) && total !== end)) {
      throw defect('a transfer was to be finished before all of it was written');
    }
    await this.#content.putEmpty(total);
    await this.#verification.finish(total);
    await this.#turn;
    await this.#content.drained();
  }

  async #put(position: number, content: Bytes): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure as Error; // only errors are put there
    this.#verification.throwFailure();
    this.#assertNew(position, position + content.length);
    // Hashed here, while another thread writes.
    const offer = (): void => this.#verification.offer(position, content);
    await this.#content.put(position, content, offer);
    this.#note(position, content);
    this.written.add(position, position + content.length);
    this.#verification.wake();
  }

  #assertNew(start: number, end: number): void {
    const [gap] = this.written.missingWithin(start, end);
    if (gap?.[0] !== start || gap[1] !== end || end > this.#options.layout.end) {
      throw defect('content was to be written twice, or beyond its end');
    }
  }

  /** Of what a failed sync may have lost, nothing is believed later. */
  #disbelieve({ start, end }: Placement): void {
    const first = Math.floor(start / FRAME_CONTENT_BYTES);
    for (let chunk = first; chunk * FRAME_CONTENT_BYTES < end; chunk++) {
      this.#options.resumable?.journal?.discredit(chunk);
    }
  }

  #note(position: number, content: Bytes): void {
    const { resumable, layout } = this.#options;
    if (resumable === undefined) return;
    const chunk = chunkAt(position, content.length, layout.end);
    if (chunk !== undefined) resumable.journal?.note(chunk, content);
    else {
      const whole = this.#partial.take(position, content);
      if (whole !== undefined) resumable.journal?.note(whole.chunk, whole.content);
    }
  }

  #isUnwanted(index: number): boolean {
    return this.#options.tree.entries[index]?.isUnwanted === true;
  }

  #discredit([start, end]: Range): void {
    this.written.remove(start, end);
    for (const range of this.#content.discredit([start, end])) this.written.add(...range);
    this.#onCorrupt?.(start, end);
  }
}

function stopped(): OnionferryError {
  return new OnionferryError('ERR_INTERRUPTED', 'the transfer was stopped');
}

function defect(message: string): OnionferryError {
  return new OnionferryError('ERR_INTERNAL', `${message}; receive it again`);
}
