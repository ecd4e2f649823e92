import { sleep } from '../../base/deadline.js';
import { isWorthParallel } from '../../pages/parallel/limits.js';
import { siblingsComing } from '../siblings/siblings-coming.js';
import { fingerprintOf, unitsDigestOf } from './fingerprint.js';
import { InboxClient, SIBLINGS_PATH, sendPiece, type Target } from './inbox-client.js';
import { type AheadFile, type Piece, PieceQueue } from './piece-queue.js';
import { UploadFailure } from './upload-failure.js';

/** Requests to one address at a time: while one is answered, the others' bytes are on their way. */
const LANES = 3;
const PIECE_MIN_BYTES = 384 * 1024;
const PIECE_MAX_BYTES = 4 * 1024 * 1024;
/** A piece takes about so long, so that a circuit that dies takes little with it. */
const PIECE_MS = 4000;
/** A request that takes so many times longer than its lane needs is given up. */
const PATIENCE = 6;
const PATIENCE_MIN_MS = 30_000;
const IDLE_MS = 250;
const BACKOFF_MS = 500;
const BACKOFF_MAX_MS = 15_000;
/** When nothing at all has arrived for so long, the visitor is told. */
const LOST_MS = 180_000;
const SOON_MS = 1000;
/** Files begun at a time, so that lanes always find something to send */
const FILES_AT_ONCE = 4;

/** A file that the inbox has, and what stands for it in the form. */
export interface SentAhead {
  readonly content: File;
  readonly id: string;
  readonly unitsSha256: string;
}

export interface SendAheadOptions {
  readonly onProgress: (bytes: number) => void;
  /** How many addresses carry it */
  readonly onSources: (count: number) => void;
  readonly signal: AbortSignal;
}

/** Sends large files over the page's own address and its siblings, ahead of the form. */
export class SendAhead {
  readonly #options: SendAheadOptions;
  readonly #client = new InboxClient();
  readonly #queue = new PieceQueue();
  readonly #over = new AbortController();
  readonly #signal: AbortSignal;
  readonly #sources = new Set<Target>();
  readonly #carrying = new Map<Target, number>();
  readonly #left = new Map<string, number>();
  readonly #whole = new Map<string, () => void>();
  #arrived = 0;
  #heardAt = performance.now();

  constructor(options: SendAheadOptions) {
    this.#options = options;
    this.#signal = AbortSignal.any([options.signal, this.#over.signal]);
  }

  /** @throws UploadFailure; the signal's reason */
  async run(files: readonly File[]): Promise<SentAhead[]> {
    const left = [...files];
    const sent: SentAhead[] = [];
    const next = async (): Promise<void> => {
      for (let file = left.shift(); file !== undefined; file = left.shift()) {
        sent.push(await this.#send(file));
      }
    };
    this.#add(undefined);
    const bytes = files.reduce((sum, { size }) => sum + size, 0);
    if (isWorthParallel(bytes)) this.#follow().catch(() => undefined);
    this.#watch().catch(() => undefined);
    const { signal } = this.#options;
    try {
      await new Promise<void>((resolve, reject) => {
        this.#fail = reject;
        signal.addEventListener('abort', () => reject(new UploadFailure('cancelled')));
        Promise.all(Array.from({ length: FILES_AT_ONCE }, next)).then(() => resolve(), reject);
      });
      return sent;
    } catch (error) {
      if (signal.aborted) {
        for (const id of this.#left.keys()) void this.#client.remove(id).catch(() => undefined);
        throw new UploadFailure('cancelled');
      }
      throw error;
    } finally {
      this.#over.abort(new Error('the upload is over'));
    }
  }

  #fail: (error: unknown) => void = () => undefined;

  async #send(content: File): Promise<SentAhead> {
    const fingerprint = await fingerprintOf(content);
    const { id, missing } = await this.#tried(() =>
      this.#client.begin(content, fingerprint, this.#signal),
    );
    const toSend = missing.reduce((sum, [start, end]) => sum + end - start, 0);
    this.#progress(content.size - toSend);
    this.#left.set(id, toSend);
    const file: AheadFile = { content, id };
    const whole = new Promise<void>((resolve) => {
      if (toSend === 0) resolve();
      else this.#whole.set(id, resolve);
    });
    this.#queue.add(file, missing);
    const unitsSha256 = await unitsDigestOf(content, this.#signal);
    await whole;
    return { content, id, unitsSha256 };
  }

  /** Until it succeeds, or fails for good. */
  async #tried<T>(ask: () => Promise<T>): Promise<T> {
    for (let failures = 0; ; failures++) {
      try {
        return await ask();
      } catch (error) {
        this.#signal.throwIfAborted();
        if (error instanceof UploadFailure) throw error;
        await sleep(Math.min(BACKOFF_MS * 2 ** failures, BACKOFF_MAX_MS), this.#signal);
      }
    }
  }

  #add(target: Target): void {
    if (this.#sources.has(target)) return;
    this.#sources.add(target);
    for (let lane = 0; lane < LANES; lane++)
      this.#work(target).catch((error: unknown) => this.#fail(error));
  }

  async #work(target: Target): Promise<void> {
    let rate = 0;
    let failures = 0;
    while (!this.#signal.aborted) {
      const size = Math.min(Math.max(rate * PIECE_MS, PIECE_MIN_BYTES), PIECE_MAX_BYTES);
      const piece = this.#queue.take(target, Math.floor(size));
      if (piece === undefined) {
        await sleep(IDLE_MS, this.#signal).catch(() => undefined);
        continue;
      }
      const began = performance.now();
      const bytes = piece.end - piece.start;
      const patience =
        rate > 0 ? Math.max((PATIENCE * bytes) / rate, PATIENCE_MIN_MS) : PATIENCE_MIN_MS;
      try {
        await this.#carry(target, piece, patience);
        failures = 0;
        rate = bytes / (performance.now() - began);
      } catch (error) {
        this.#queue.giveBack(piece, target);
        if (error instanceof UploadFailure) throw error;
        if (piece.arrived.signal.aborted) continue;
        rate /= 2;
        const wait = Math.min(BACKOFF_MS * 2 ** failures++, BACKOFF_MAX_MS);
        await sleep(wait, this.#signal).catch(() => undefined);
      }
    }
  }

  async #carry(target: Target, piece: Piece, patience: number): Promise<void> {
    const { file, start, end, arrived } = piece;
    const slow = new AbortController();
    const timer = setTimeout(() => slow.abort(new Error('it takes too long')), patience);
    this.#count(target, 1);
    try {
      const content = file.content.slice(start, end);
      const signal = AbortSignal.any([this.#signal, arrived.signal, slow.signal]);
      await sendPiece(target, { id: file.id, at: start, content }, signal);
    } finally {
      clearTimeout(timer);
      this.#count(target, -1);
    }
    if (!this.#queue.finish(piece)) return;
    this.#progress(end - start);
    const left = (this.#left.get(file.id) ?? 0) - (end - start);
    this.#left.set(file.id, left);
    if (left === 0) this.#whole.get(file.id)?.();
  }

  #progress(bytes: number): void {
    this.#heardAt = performance.now();
    this.#arrived += bytes;
    this.#options.onProgress(this.#arrived);
  }

  #count(target: Target, change: number): void {
    const count = (this.#carrying.get(target) ?? 0) + change;
    if (count > 0) this.#carrying.set(target, count);
    else this.#carrying.delete(target);
    this.#options.onSources(this.#carrying.size);
  }

  async #follow(): Promise<void> {
    for await (const { origins } of siblingsComing(SIBLINGS_PATH, this.#signal)) {
      for (const origin of origins) this.#add(origin);
    }
  }

  async #watch(): Promise<void> {
    for (;;) {
      await sleep(SOON_MS, this.#signal);
      if (performance.now() - this.#heardAt > LOST_MS) this.#fail(new UploadFailure('lost'));
    }
  }
}
