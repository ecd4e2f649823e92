import type { RequestHandler, Response } from 'express';
import { untilAborted } from '../../base/deadline.js';
import { PageRefusal, type PageRefusalKind } from './refusal.js';

/**
 * Admits requests until `end`, which refuses all later ones. Requests admitted before are served to
 * the end.
 */
export class Draining {
  readonly #running = new Set<Response>();
  readonly #idleWaiters = new Set<() => void>();
  #ended: PageRefusalKind | undefined;

  /** Middleware; belongs before the routes. */
  readonly admit: RequestHandler = (_request, response, next) => {
    if (this.#ended !== undefined) throw new PageRefusal(this.#ended);
    this.#running.add(response);
    response.once('close', () => {
      this.#running.delete(response);
      if (this.#running.size === 0) this.#notifyIdle();
    });
    next();
  };

  /** Refuses all later requests with this error. */
  end(kind: PageRefusalKind): void {
    this.#ended ??= kind;
  }

  /** Resolves when no request is running. @throws the signal's reason */
  quiet(signal: AbortSignal): Promise<void> {
    if (this.#running.size === 0) return Promise.resolve();
    return untilAborted(new Promise((resolve) => this.#idleWaiters.add(resolve)), signal);
  }

  #notifyIdle(): void {
    for (const resolve of this.#idleWaiters) resolve();
    this.#idleWaiters.clear();
  }
}
