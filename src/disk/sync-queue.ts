/** Fewer than the four threads that all file work shares, so that writing can continue. */
const IN_BACKGROUND = 2;
/** When nothing else is left to do: file systems combine syncs that run at once. */
const AT_THE_END = 16;

/** Brings complete files to the disk in the background, a few at a time. */
export class SyncQueue {
  readonly #sync: (index: number) => Promise<void>;
  readonly #waiting = new Set<number>();
  readonly #deferred = new Set<number>();
  readonly #workers = new Set<Promise<void>>();
  #working = 0;
  #atOnce = IN_BACKGROUND;
  #failure: unknown;

  constructor(sync: (index: number) => Promise<void>) {
    this.#sync = sync;
  }

  /** A file that changed since it was added is added again. */
  add(index: number): void {
    this.#waiting.add(index);
    this.#start();
  }

  /**
   * To be synced at the end. Each sync of a small file delays the making of others, and after a
   * while the system writes it to the disk by itself.
   */
  defer(index: number): void {
    this.#deferred.add(index);
  }

  /** @throws what the first failed sync threw */
  async drained(): Promise<void> {
    this.#atOnce = AT_THE_END;
    for (const index of this.#deferred) this.#waiting.add(index);
    this.#deferred.clear();
    this.#start();
    await Promise.all(this.#workers);
    if (this.#failure !== undefined) throw this.#failure as Error; // only errors are put there
  }

  /** Drops what has not begun, and waits for the rest. */
  async stop(): Promise<void> {
    this.#waiting.clear();
    await Promise.all(this.#workers);
  }

  #start(): void {
    while (this.#working < this.#atOnce && this.#waiting.size > 0) {
      this.#working++;
      const worker = this.#work().finally(() => this.#workers.delete(worker));
      this.#workers.add(worker);
    }
  }

  /** One after the other until none waits: starting each by itself took longer than its sync. */
  async #work(): Promise<void> {
    for (const index of this.#waiting) {
      this.#waiting.delete(index);
      try {
        await this.#sync(index);
      } catch (error) {
        this.#failure ??= error;
      }
    }
    // Before anything is awaited: what is added from here on needs another worker.
    this.#working--;
  }
}
