import { sleep } from '../../base/deadline.js';
import type { ParallelPlan } from '../../pages/parallel/plan.js';
import { siblingsComing } from '../siblings/siblings-coming.js';
import { DownloadFailure } from './download-failure.js';
import type { RangeSource } from './lane.js';
import { type FetchedDigests, PlanClient, parsePlan } from './plan-client.js';
import { RangeDownload } from './range-download.js';

/** How often it asks for a new ticket, and whether the version is still the same */
const RENEW_MS = 60_000;
const AGAIN_MS = 2000;
/** Attempts to reach the page's own address, before anything is fetched */
const FIRST_ATTEMPTS = 10;

export interface ParallelDownloadOptions {
  readonly planPath: string;
  readonly base: string;
  /** A plan that was given before, to begin with */
  readonly plan?: unknown;
  readonly onTotal?: (bytes: number) => void;
  readonly onProgress?: (bytes: number) => void;
  readonly onSources?: (count: number) => void;
}

export interface Downloaded {
  readonly content: Blob;
  /** Of the other side's file, in hex; each unit was compared with its own. */
  readonly sha256: string;
}

/** A download over the page's own address and its siblings, as these come online. */
export class ParallelDownload {
  readonly #options: ParallelDownloadOptions;
  readonly #client: PlanClient;
  #plan: ParallelPlan | undefined;
  #given: unknown;
  #ranges: RangeDownload | undefined;
  #digests: FetchedDigests | undefined;

  constructor(options: ParallelDownloadOptions) {
    this.#options = options;
    this.#client = new PlanClient(options);
    this.#given = options.plan;
  }

  /**
   * Fetches all of it. After a failure it may be called again; what has arrived of the same version
   * is kept.
   *
   * @throws DownloadFailure; the signal's reason
   */
  async run(signal: AbortSignal): Promise<Downloaded> {
    const over = new AbortController();
    const during = AbortSignal.any([signal, over.signal]);
    try {
      const plan = await this.#firstPlan(during);
      const ranges = this.#rangesOf(plan);
      this.#plan = plan;
      this.#addSources(ranges, plan);
      const beside = [
        this.#follow(ranges, during),
        this.#renew(during),
        this.#verify(ranges, plan, during),
      ];
      for (const work of beside) {
        work.catch((error: unknown) => {
          if (error instanceof DownloadFailure) ranges.fail(error);
        });
      }
      const content = await ranges.run(signal);
      // It is whole only with them.
      const sha256 = this.#digests?.sha256 ?? '';
      // The other side is sure a little later if this fails.
      this.#client.received(this.#plan.ticket).catch(() => undefined);
      return { content, sha256 };
    } finally {
      over.abort(new Error('the download is over'));
    }
  }

  /** Goes on with what has arrived of this version. */
  #rangesOf({ version, bytes }: ParallelPlan): RangeDownload {
    const { onTotal, onProgress, onSources } = this.#options;
    const before = this.#plan;
    if (this.#ranges === undefined || before?.version !== version) {
      this.#digests = undefined;
      this.#ranges = new RangeDownload({
        bytes,
        onSources: (count) => onSources?.(count),
        onProgress: (arrived) => onProgress?.(arrived),
      });
      onTotal?.(bytes);
    }
    return this.#ranges;
  }

  /** @throws DownloadFailure; what the last attempt failed with */
  async #firstPlan(signal: AbortSignal): Promise<ParallelPlan> {
    const given = parsePlan(this.#given);
    this.#given = undefined;
    if (given !== undefined) return given;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#client.plan(this.#plan?.ticket, signal);
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof DownloadFailure) throw error;
        if (attempt === FIRST_ATTEMPTS) throw new DownloadFailure('lost', { cause: error });
        await sleep(AGAIN_MS, signal);
      }
    }
  }

  /** Fetches from siblings as they come online. */
  async #follow(ranges: RangeDownload, signal: AbortSignal): Promise<void> {
    for await (const { origins } of siblingsComing(this.#client.readyPath, signal)) {
      if (this.#plan !== undefined) this.#addSources(ranges, { ...this.#plan, origins });
    }
  }

  async #renew(signal: AbortSignal): Promise<void> {
    for (;;) {
      await sleep(RENEW_MS, signal);
      const plan = await this.#tried(() => this.#client.plan(this.#plan?.ticket, signal));
      if (plan === undefined) continue;
      if (plan.version !== this.#plan?.version) throw new DownloadFailure('changed');
      this.#plan = plan;
    }
  }

  async #verify(
    ranges: RangeDownload,
    { ticket }: ParallelPlan,
    signal: AbortSignal,
  ): Promise<void> {
    while (this.#digests === undefined) {
      this.#digests = await this.#tried(() => this.#client.digests(ticket, signal));
      if (this.#digests === undefined) await sleep(AGAIN_MS, signal);
    }
    await ranges.verify(this.#digests.units);
  }

  /** @returns undefined if it failed and may be tried again */
  async #tried<T>(ask: () => Promise<T>): Promise<T | undefined> {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof DownloadFailure) throw error;
      return undefined;
    }
  }

  #addSources(ranges: RangeDownload, plan: ParallelPlan): void {
    const ticket = (): string => this.#plan?.ticket ?? plan.ticket;
    const own: RangeSource = {
      name: 'own',
      request: () => ({ url: this.#client.rangeUrl(ticket()), isOwn: true }),
    };
    ranges.add(own);
    for (const origin of plan.origins) {
      ranges.add({
        name: origin,
        request: () => ({ url: `${origin}/${ticket()}`, isOwn: false }),
      });
    }
  }
}
