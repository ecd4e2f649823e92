import { sleep } from '../../base/deadline.js';
import { RANGE_MAX_BYTES } from '../../pages/parallel/limits.js';
import type { ChunkPlan, Piece } from '../../stream/chunk-plan.js';
import { DownloadFailure } from './download-failure.js';
import { type FetchedUnit, fetchRange, type RangeRequest } from './fetch-range.js';

/** How often a lane without work asks whether a copy has become worth while */
const IDLE_MS = 250;
/** A source that failed waits, each time twice as long. */
const BACKOFF_MS = 500;
const BACKOFF_MAX_MS = 15_000;

/** A request asks for this part of what a lane would get if all that is left were shared equally. */
const SHARES = 2;

/** An address to fetch from. */
export interface RangeSource {
  readonly name: string;
  /** May change between attempts, as tickets do */
  request(): RangeRequest;
  /** Called when a request has failed: its ticket may be over. */
  failed?(): void;
}

export interface LaneOptions {
  /** Its stream in the plan */
  readonly stream: number;
  readonly source: RangeSource;
  readonly plan: ChunkPlan;
  /** Lanes at work, this one included */
  readonly lanes: () => number;
  /** @throws DownloadFailure */
  readonly onUnit: (unit: FetchedUnit) => void;
}

/** One request after the other at one source. Each lane is a stream of the plan. */
export class Lane {
  readonly #options: LaneOptions;
  /** Given by the plan and not asked for yet */
  #given: Piece[] = [];
  /** Pieces that have arrived since it joined */
  #frames = 0;
  #request: { at: number; readonly end: number; readonly stop: AbortController } | undefined;

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  /** @throws DownloadFailure */
  async work(over: AbortSignal): Promise<void> {
    const { stream, plan } = this.#options;
    let failures = 0;
    try {
      while (!over.aborted) {
        plan.join(stream, performance.now());
        this.#frames = 0;
        const isOvertaken = await this.#askOn(over, () => {
          failures = 0;
        });
        plan.leave(stream);
        this.#given = [];
        if (isOvertaken) continue;
        await sleep(Math.min(BACKOFF_MS * 2 ** failures++, BACKOFF_MAX_MS), over);
      }
    } catch (error) {
      if (!over.aborted) throw error;
    } finally {
      plan.leave(stream);
    }
  }

  /** Ends a request of which others have brought all that is missing. */
  stopIf(isHere: (start: number, end: number) => boolean): void {
    const request = this.#request;
    if (request === undefined || request.at >= request.end) return;
    if (isHere(request.at, request.end)) request.stop.abort();
  }

  /** Asks until a request fails. @returns whether it failed because it was not needed any more */
  async #askOn(over: AbortSignal, onSuccess: () => void): Promise<boolean> {
    const { source } = this.#options;
    for (;;) {
      over.throwIfAborted();
      const range = this.#take();
      if (range === undefined) {
        await sleep(IDLE_MS, over);
        continue;
      }
      const stop = new AbortController();
      try {
        await this.#fetch({ ...range, stop }, AbortSignal.any([over, stop.signal]));
        onSuccess();
      } catch (error) {
        if (error instanceof DownloadFailure || over.aborted) throw error;
        // Of the browser, when it cannot make room.
        if (error instanceof RangeError) throw new DownloadFailure('memory', { cause: error });
        if (stop.signal.aborted) return true;
        source.failed?.();
        return false;
      } finally {
        this.#request = undefined;
      }
    }
  }

  async #fetch(
    request: { at: number; readonly end: number; readonly stop: AbortController },
    signal: AbortSignal,
  ): Promise<void> {
    const { source, plan, stream, onUnit } = this.#options;
    this.#request = request;
    for await (const unit of fetchRange(source.request(), request.at, request.end, signal)) {
      request.at = unit.position + unit.content.length;
      plan.acknowledge(stream, ++this.#frames, performance.now());
      onUnit(unit);
    }
  }

  /** The pieces to ask for next that follow each other; of copies one by one. */
  #take(): { at: number; end: number } | undefined {
    const { plan, stream, lanes } = this.#options;
    const now = performance.now();
    const pending = (): number => plan.end - plan.heldBytes - plan.acknowledgedBytes;
    // Towards the end they become short, so that all lanes end at the same time.
    const enough = Math.min(RANGE_MAX_BYTES / 2, pending() / (SHARES * lanes()));
    let bytes = 0;
    while (this.#given.length === 0 || (pending() > 0 && bytes < enough)) {
      const piece = plan.take(stream, now);
      if (piece === undefined) break;
      this.#given.push(piece);
      bytes += piece.length;
    }
    const [first] = this.#given;
    if (first === undefined) return undefined;
    let end = first.position;
    while (this.#given[0]?.position === end) {
      end += this.#given.shift()?.length ?? 0;
    }
    return { at: first.position, end };
  }
}
