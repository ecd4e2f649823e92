import type { Socket } from 'node:net';

/**
 * Joins two sockets: what one sends the other gets, in order, at the pace of the slower. The end
 * of one direction is passed on; when a socket is gone the other is ended once it has been sent
 * everything.
 */
export function staple(a: Socket, b: Socket, lingerMs: number): void {
  lead(a, b, lingerMs);
  lead(b, a, lingerMs);
}

function lead(from: Socket, to: Socket, lingerMs: number): void {
  from.pipe(to);
  if (from.destroyed) finish(to, lingerMs);
  else from.once('close', () => finish(to, lingerMs));
}

/** Closes a socket after what was written to it has been sent, or at the latest after `lingerMs`. */
export function finish(socket: Socket, lingerMs: number): void {
  if (socket.destroyed) return;
  const timer = setTimeout(() => socket.destroy(), lingerMs);
  socket.once('close', () => clearTimeout(timer));
  socket.destroySoon();
}
