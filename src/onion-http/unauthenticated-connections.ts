import type { Socket } from 'node:net';

/**
 * Connections that have not shown the right password yet. A client that has it shows it with its
 * first request; one that only occupies a connection is closed when others come.
 */
export class UnauthenticatedConnections {
  readonly #max: number;
  /** Oldest first */
  readonly #sockets = new Set<Socket>();

  constructor(max: number) {
    this.#max = max;
  }

  add(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    const [oldest] = this.#sockets;
    if (this.#sockets.size > this.#max) oldest?.destroy();
  }

  /** It has shown the right password. */
  remove(socket: Socket): void {
    this.#sockets.delete(socket);
  }
}
