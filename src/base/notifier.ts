/** Wakes those who wait for a change. */
export class Notifier {
  /** Those that wait, and what about, if that is not everything */
  readonly #waiting = new Map<() => void, object | undefined>();

  /** @param about wakes only those who wait for changes of this, or of everything */
  notify(about?: object): void {
    for (const [wake, what] of [...this.#waiting]) {
      if (about === undefined || what === undefined || what === about) wake();
    }
  }

  /**
   * Resolves when notified, after `ms`, or when the signal aborts.
   *
   * @param about what it waits for; default everything
   * @returns whether it was notified
   */
  wait(ms: number, signal?: AbortSignal, about?: object): Promise<boolean> {
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
      this.#waiting.set(wake, about);
      if (signal?.aborted === true) abort();
    });
  }
}
