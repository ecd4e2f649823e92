import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Takes the requests of each connection one after the other. Node begins all pipelined requests at
 * once (RFC 9112, section 9.3.2), hundreds in one packet, and tells most of them nothing when the
 * connection ends, so what they have opened would stay open.
 *
 * One request may wait, since a client can have a whole reply before this side has noticed. No
 * browser and no client of ours sends more; the connection is closed then.
 */
export function oneAtATime(listener: RequestListener): RequestListener {
  const current = new WeakMap<Socket, ServerResponse>();
  const waiting = new WeakSet<Socket>();
  const begin: RequestListener = (request, response) => {
    const { socket } = request;
    current.set(socket, response);
    response.once('close', () => current.delete(socket));
    listener(request, response);
  };
  return (request, response) => {
    const { socket } = request;
    const before = current.get(socket);
    if (before === undefined) {
      begin(request, response);
    } else if (waiting.has(socket)) {
      socket.destroy();
    } else {
      waiting.add(socket);
      before.once('close', () => {
        waiting.delete(socket);
        if (!socket.destroyed) begin(request, response);
      });
    }
  };
}

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
