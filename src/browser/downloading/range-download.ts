import type { Bytes } from '../../base/bytes.js';
import { type Deferred, deferred } from '../../base/deferred.js';
import { RANGE_MAX_BYTES, UNIT_BYTES } from '../../pages/parallel/limits.js';
import { ChunkPlan } from '../../stream/chunk-plan.js';
import { Ranges } from '../../stream/ranges.js';
import { DownloadFailure } from './download-failure.js';
import type { FetchedUnit } from './fetch-range.js';
import { Lane, type RangeSource } from './lane.js';
import { Units } from './units.js';

/**
 * Requests at one address at a time: while one waits for its first byte, a round trip through six
 * relays, the other keeps the circuit busy.
 */
const LANES_PER_SOURCE = 2;
/** How often it looks which sources move */
const LOOK_MS = 1000;
/** A source that has brought nothing for so long does not count. */
const MOVING_MS = 10_000;
/** Nothing at all has come for so long: tor takes up to two minutes to replace circuits. */
const LOST_MS = 5 * 60_000;
/** Units that did not match their checksums, until the other side or the way is to blame */
const DAMAGED_MAX = 8;

export interface RangeDownloadOptions {
  readonly bytes: number;
  /** Bytes that have arrived */
  readonly onProgress?: (bytes: number) => void;
  /** How many sources have brought something of late; 0 when all are lost */
  readonly onSources?: (count: number) => void;
  /** Default LOST_MS */
  readonly lostMs?: number;
}

/**
 * Fetches one version of something in ranges from several sources at once, each as fast as it can.
 *
 * Which range goes where is decided by the plan that senders use (stream/chunk-plan.ts): a source
 * gets as much as it carries in two seconds, what a broken one held goes to others, and at the end
 * the faster ones fetch copies of what the slower ones hold.
 */
export class RangeDownload {
  readonly #options: RangeDownloadOptions;
  readonly #plan: ChunkPlan;
  readonly #units: Units;
  readonly #have = new Ranges();
  readonly #sources = new Map<string, RangeSource>();
  /** By source, when it last brought something */
  readonly #movedAt = new Map<string, number>();
  readonly #lanes = new Set<Lane>();
  #streams = 0;
  #damaged = 0;
  #whole: Deferred<undefined> = deferred();
  /** Of the run that goes on; aborts at its end */
  #over: AbortController | undefined;

  constructor(options: RangeDownloadOptions) {
    this.#options = options;
    this.#plan = new ChunkPlan({ chunkBytes: UNIT_BYTES, total: options.bytes });
    this.#units = new Units(options.bytes);
  }

  /** One more source, at any time. One that has the name of another is that one. */
  add(source: RangeSource): void {
    if (this.#sources.has(source.name)) return;
    this.#sources.set(source.name, source);
    if (this.#over !== undefined) this.#begin(source, this.#over.signal);
  }

  /** Takes the checksums of all units; without them nothing is complete. */
  async verify(digests: Bytes): Promise<void> {
    for (const unit of await this.#units.takeDigests(digests)) this.#distrust(unit);
    this.#settle();
  }

  /**
   * Fetches what is missing. After it has failed it may be called again, and goes on.
   *
   * @throws DownloadFailure; the signal's reason
   */
  async run(signal: AbortSignal): Promise<Blob> {
    signal.throwIfAborted();
    const over = new AbortController();
    this.#over = over;
    this.#whole = deferred();
    const end = (): void => this.fail(asError(signal.reason));
    signal.addEventListener('abort', end, { once: true });
    const watch = this.#watch();
    try {
      for (const source of this.#sources.values()) this.#begin(source, over.signal);
      this.#settle();
      await this.#whole.promise;
      return this.#units.blob();
    } finally {
      clearInterval(watch);
      signal.removeEventListener('abort', end);
      this.#over = undefined;
      over.abort(new Error('the download is over'));
    }
  }

  /** Ends the run that goes on. */
  fail(error: Error): void {
    if (this.#over !== undefined) this.#whole.reject(error);
  }

  #begin(source: RangeSource, over: AbortSignal): void {
    for (let count = 0; count < LANES_PER_SOURCE; count++) {
      const lane = new Lane({
        ...{ stream: this.#streams++, source, plan: this.#plan },
        lanes: () => this.#lanes.size,
        onUnit: (unit) => this.#arrived(source, unit),
      });
      this.#lanes.add(lane);
      void lane
        .work(over)
        .catch((error: unknown) => this.fail(asError(error)))
        .finally(() => this.#lanes.delete(lane));
    }
  }

  #arrived({ name }: RangeSource, { position, content }: FetchedUnit): void {
    const end = position + content.length;
    this.#movedAt.set(name, performance.now());
    if (this.#have.has(position, end)) return;
    this.#have.add(position, end);
    this.#options.onProgress?.(this.#have.bytes);
    if (this.#options.bytes - this.#have.bytes < RANGE_MAX_BYTES) {
      for (const lane of this.#lanes) lane.stopIf((from, to) => this.#have.has(from, to));
    }
    const unit = position / UNIT_BYTES;
    this.#units.add(unit, content).then(
      (isRight) => {
        if (!isRight) this.#distrust(unit);
        this.#settle();
      },
      (error: unknown) => this.fail(asError(error)),
    );
  }

  /** It does not match its checksum, and is fetched again. */
  #distrust(unit: number): void {
    this.#damaged++;
    if (this.#damaged > DAMAGED_MAX) this.fail(new DownloadFailure('damaged'));
    const start = unit * UNIT_BYTES;
    const end = Math.min(start + UNIT_BYTES, this.#options.bytes);
    this.#have.remove(start, end);
    this.#plan.again(start, end);
  }

  #settle(): void {
    if (this.#units.isWhole) this.#whole.resolve(undefined);
  }

  #watch(): ReturnType<typeof setInterval> {
    const { onSources, lostMs = LOST_MS } = this.#options;
    const begunAt = performance.now();
    return setInterval(() => {
      const now = performance.now();
      const moved = [...this.#movedAt.values()];
      onSources?.(moved.filter((at) => now - at < MOVING_MS).length);
      if (now - Math.max(begunAt, ...moved) > lostMs) this.fail(new DownloadFailure('lost'));
    }, LOOK_MS);
  }
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
