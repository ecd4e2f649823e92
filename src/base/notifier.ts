/** Wakes those who wait for a change. */
export class Notifier {
  readonly #waiting = new Set<() => void>();

  notify(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  /** Resolves when notified, after `ms`, or when the signal aborts. @returns whether it was notified */
  wait(ms: number, signal?: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (notified: boolean): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
        this.#waiting.delete(wake);
        resolve(notified);
      };
      const wake = (): void => end(true);
      const abort = (): void => end(false);
      const timer = setTimeout(abort, ms);
      signal?.addEventListener('abort', abort, { once: true });
      this.#waiting.add(wake);
      if (signal?.aborted === true) abort();
    });
  }
}
