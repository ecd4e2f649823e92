import type { IncomingMessage, ServerResponse } from 'node:http';
import { untilAborted } from '../base/deadline.js';

/** Lets requests in until it is ended. Requests that are in by then are served to their end. */
export class Draining {
  readonly #inside = new Set<ServerResponse>();
  readonly #waiting = new Set<() => void>();
  #over: Error | undefined;

  /** Goes in front of the routes. @throws what `end` was given */
  readonly admit = (_: IncomingMessage, response: ServerResponse, next: () => void): void => {
    if (this.#over !== undefined) throw this.#over;
    this.#inside.add(response);
    response.once('close', () => {
      this.#inside.delete(response);
      if (this.#inside.size > 0) return;
      for (const resolve of this.#waiting) resolve();
      this.#waiting.clear();
    });
    next();
  };

  /** From now on requests are refused with `reason`. */
  end(reason: Error): void {
    this.#over ??= reason;
  }

  /** Resolves when no request is being answered. @throws the signal's reason */
  quiet(signal: AbortSignal): Promise<void> {
    if (this.#inside.size === 0) return Promise.resolve();
    return untilAborted(new Promise((resolve) => this.#waiting.add(resolve)), signal);
  }
}
