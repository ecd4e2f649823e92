import type { IncomingMessage, Server, ServerResponse } from 'node:http';

/** As a method, whose parameters are compared less strictly, so that handlers typed for Express fit. */
interface Handlers {
  handle(
    request: IncomingMessage,
    response: ServerResponse,
    next: (error?: unknown) => void,
  ): unknown;
}

/** An Express handler. It may answer, pass the request on with `next()`, or fail. */
export type Middleware = Handlers['handle'];

/**
 * What `serve` puts behind an onion: an Express application, a request handler of Node's, or an
 * `http.Server` that does not listen, whose 'request' and 'upgrade' listeners are called.
 */
export type Servable = Middleware | Server;
