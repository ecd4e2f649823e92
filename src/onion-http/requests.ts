import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Holder } from './places.js';

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

/** So many turns of the loop may go by for new connections alone. */
const PUT_OFF_TURNS = 16;

/**
 * Whose work is done next, where much comes at once: one piece of it in each turn of the event loop,
 * and of those who wait one after the other, however much each of them has brought.
 *
 * Node takes one new connection of a listening socket in each turn (libuv since 1.45), in the order in
 * which they came. So turns have to be short, and work is put off while connections come: or whoever
 * comes last waits for the work of all before, and is not even known.
 */
export class Turns {
  /** By who waits, in the order in which they get their turns */
  readonly #waiting = new Map<Holder, (() => void)[]>();
  #isTaken = false;
  #hasArrived = false;
  #putOff = 0;

  /** A connection was taken in this turn, so that others may be behind it. */
  arrived(): void {
    this.#hasArrived = true;
  }

  /** Does it now if nothing else was done in this turn, otherwise later. It must not throw. */
  take(holder: Holder, work: () => void): void {
    const others = this.#waiting.get(holder);
    if (others !== undefined) others.push(work);
    else if (this.#isTaken) this.#waiting.set(holder, [work]);
    else this.#do(work);
  }

  #do(work: () => void): void {
    this.#isTaken = true;
    try {
      work();
    } finally {
      setImmediate(() => this.#next());
    }
  }

  #next(): void {
    const mayPutOff = this.#hasArrived && this.#putOff < PUT_OFF_TURNS;
    this.#hasArrived = false;
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#isTaken = false;
    } else if (mayPutOff) {
      this.#putOff++;
      setImmediate(() => this.#next());
    } else {
      this.#putOff = 0;
      const [holder, [work, ...others]] = next;
      this.#waiting.delete(holder);
      // Behind all others.
      if (others.length > 0) this.#waiting.set(holder, others);
      if (work !== undefined) this.#do(work);
    }
  }
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
