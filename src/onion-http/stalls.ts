import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/**
 * Closes connections whose client stands still in the middle of an upload or a download. As long as
 * this side is the slow one, hashing an archive or writing an upload to disk, nobody is closed.
 */
export class Stalls {
  readonly #stalledMs: number;
  readonly #current = new WeakMap<Socket, Exchange>();

  constructor(stalledMs: number) {
    this.#stalledMs = stalledMs;
  }

  guard(server: Server): void {
    server.setTimeout(this.#stalledMs, (socket) => {
      if (this.#waitsForClient(socket)) socket.destroy();
      else socket.setTimeout(this.#stalledMs);
    });
  }

  watch(request: IncomingMessage, response: ServerResponse): void {
    this.#current.set(request.socket, { request, response });
  }

  #waitsForClient(socket: Socket): boolean {
    const exchange = this.#current.get(socket);
    if (exchange === undefined || exchange.response.writableFinished) return true;
    return !exchange.request.complete || socket.writableLength > 0;
  }
}
