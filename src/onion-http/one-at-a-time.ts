import type { RequestListener, ServerResponse } from 'node:http';
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
