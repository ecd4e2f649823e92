import { IncomingMessage, type RequestListener, Server, ServerResponse } from 'node:http';
import express, { type Express, type RequestHandler, type Response } from 'express';
import { untilAborted } from '../base/deadline.js';
import type { Logger } from '../base/logger.js';
import type { Middleware, Servable } from './middleware.js';

/** How a request ends that no handler has answered. */
export interface Ending {
  /** Whether the failure is ours, and goes to the log */
  readonly isDefect: boolean;
  send(response: Response): void;
}

export interface ListenerOptions {
  /** On every reply, unless a handler replaces them */
  readonly headers?: Readonly<Record<string, string>>;
  /** Mounts the handlers. */
  readonly mount: (app: Express) => void;
  /** @param error undefined if no handler took the request */
  readonly ending: (error: unknown, request: IncomingMessage) => Ending;
  /** The room, for the log */
  readonly room: string;
  readonly logger: Logger;
}

/** An Express application with its third parameter, which its types leave out. */
type App = (...parameters: Parameters<Middleware>) => void;

/**
 * A listener made of Express handlers. What they leave unanswered, or fail at, gets an ending of
 * ours: Express' own shows and prints the stack of an error.
 */
export function createListener(options: ListenerOptions): RequestListener {
  const { headers = {}, mount, ending, room, logger } = options;
  const application = express();
  application.disable('x-powered-by');
  application.disable('etag');
  application.enable('case sensitive routing');
  application.enable('strict routing');
  mount(application);
  const app: App = application;
  return (request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    app(request, response, (error) => {
      if (response.closed || request.socket.destroyed) return;
      const end = ending(error ?? undefined, request);
      if (end.isDefect) logger.warn(`${room}: a request failed: ${String(error)}`);
      // What has been promised cannot be kept: the client must not take this for the end.
      if (response.headersSent) request.socket.destroy();
      // Express has made it one of its own.
      else end.send(response as Response);
    });
  };
}

/** The status of an error that carries one, as those of Express and its parsers do. */
export function httpStatusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('status' in error)) return undefined;
  return typeof error.status === 'number' ? error.status : undefined;
}

/** Calls another program's handler with request and response as Node made them. */
export function asHandler(servable: Servable): RequestHandler {
  return (request, response, next) => {
    // Express' getters (`path`, `host`, …) stand in the way of frameworks that set these names.
    Object.setPrototypeOf(request, IncomingMessage.prototype);
    Object.setPrototypeOf(response, ServerResponse.prototype);
    if (!(servable instanceof Server)) return servable(request, response, next);
    if (!servable.emit('request', request, response)) next();
    return undefined;
  };
}

/** Lets requests in until it is ended. Requests that are in by then are served to their end. */
export class Draining {
  readonly #inside = new Set<ServerResponse>();
  readonly #waiting = new Set<() => void>();
  #over: Error | undefined;
  #quietSince = Number.NEGATIVE_INFINITY;

  /** Goes in front of the routes. @throws what `end` was given */
  readonly admit = (_: IncomingMessage, response: ServerResponse, next: () => void): void => {
    if (this.#over !== undefined) throw this.#over;
    this.#inside.add(response);
    response.once('close', () => {
      this.#inside.delete(response);
      if (this.#inside.size > 0) return;
      this.#quietSince = performance.now();
      for (const resolve of this.#waiting) resolve();
      this.#waiting.clear();
    });
    next();
  };

  /** How long no request has been answered, in ms; Infinity if there was none. */
  get quietMs(): number {
    return this.#inside.size > 0 ? 0 : performance.now() - this.#quietSince;
  }

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
