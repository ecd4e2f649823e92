import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/**
 * Gives up clients that stand still in the middle of an upload or a download. Where this side is
 * the slow one, hashing a large archive or writing an upload to its disk, the client is waited for
 * no longer than it waits.
 */
export class Stalls {
  readonly #stalledMs: number;
  readonly #current = new WeakMap<Socket, Exchange>();

  constructor(stalledMs: number) {
    this.#stalledMs = stalledMs;
  }

  guard(server: Server): void {
    server.setTimeout(this.#stalledMs, (socket) => {
      if (this.#isUpToClient(socket)) socket.destroy();
      else socket.setTimeout(this.#stalledMs);
    });
  }

  watch(request: IncomingMessage, response: ServerResponse): void {
    this.#current.set(request.socket, { request, response });
  }

  #isUpToClient(socket: Socket): boolean {
    const exchange = this.#current.get(socket);
    if (exchange === undefined || exchange.response.writableFinished) return true;
    return !exchange.request.complete || socket.writableLength > 0;
  }
}
