import type { RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Takes the requests of each connection one after the other. Node begins all that come at once
 * (RFC 9112, section 9.3.2), hundreds in one packet, and does not tell most of them when their
 * connection is gone; what they have open would stay so.
 *
 * One may wait: a client can have a reply whose end this side has not noticed yet. No browser, and
 * no client of ours, sends more: then the connection is closed.
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
