import type { Socket } from 'node:net';

/**
 * Connections that have not shown the right key yet. There is room for a few: who has the key shows
 * it in the first request, while who only keeps a place has to go when others come.
 */
export class UnauthenticatedConnections {
  readonly #room: number;
  /** In the order in which they came */
  readonly #waiting = new Set<Socket>();

  constructor(room: number) {
    this.#room = room;
  }

  add(socket: Socket): void {
    this.#waiting.add(socket);
    socket.once('close', () => this.#waiting.delete(socket));
    const [oldest] = this.#waiting;
    if (this.#waiting.size > this.#room) oldest?.destroy();
  }

  /** It has shown the right key. */
  know(socket: Socket): void {
    this.#waiting.delete(socket);
  }
}
