import type { RequestHandler, Response } from 'express';
import { untilAborted } from '../../base/deadline.js';
import { PageRefusal, type PageRefusalKind } from './refusal.js';

/**
 * Lets requests in until closing time. Whoever is in by then is served to the end: what was begun
 * in time is not cut off.
 */
export class Draining {
  readonly #inside = new Set<Response>();
  readonly #waiting = new Set<() => void>();
  #over: PageRefusalKind | undefined;

  /** Goes in front of the routes. */
  readonly admit: RequestHandler = (_request, response, next) => {
    if (this.#over !== undefined) throw new PageRefusal(this.#over);
    this.#inside.add(response);
    response.once('close', () => {
      this.#inside.delete(response);
      if (this.#inside.size === 0) this.#tell();
    });
    next();
  };

  /** From now on requests are refused so. */
  end(kind: PageRefusalKind): void {
    this.#over ??= kind;
  }

  /** Resolves when no request is under way. @throws the signal's reason */
  quiet(signal: AbortSignal): Promise<void> {
    if (this.#inside.size === 0) return Promise.resolve();
    return untilAborted(new Promise((resolve) => this.#waiting.add(resolve)), signal);
  }

  #tell(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}
