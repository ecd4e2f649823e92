import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** What clients have shown of the way to them. */
interface Way {
  /** The shortest time from a reply to what its client asked next on the same connection. */
  quickestMs: number | undefined;
}

const ways = new WeakMap<Socket, Way>();
/** When the last reply on a connection was taken; not there while one is running. */
const answered = new WeakMap<Socket, number>();

/** All connections of a circuit have one way. */
export function shareWay(socket: Socket, other: Socket): void {
  ways.set(socket, wayOf(other));
}

/**
 * No less than a round trip takes on the circuit of this request, in milliseconds: a client asks for a
 * page's style, say, as soon as it has the page.
 *
 * @returns undefined if its client has not yet asked for anything after a reply
 */
export function roundTripOf({ socket }: { readonly socket: Socket }): number | undefined {
  return ways.get(socket)?.quickestMs;
}

/** To be called when a request has come. */
export function noteRequest({ socket }: IncomingMessage, response: ServerResponse): void {
  const before = answered.get(socket);
  answered.delete(socket);
  if (before !== undefined) {
    const way = wayOf(socket);
    way.quickestMs = Math.min(
      way.quickestMs ?? Number.POSITIVE_INFINITY,
      performance.now() - before,
    );
  }
  // A request that comes before this, while the reply is running, says nothing.
  response.once('finish', () => answered.set(socket, performance.now()));
}

function wayOf(socket: Socket): Way {
  const way = ways.get(socket) ?? { quickestMs: undefined };
  ways.set(socket, way);
  return way;
}
