import type { Server, Socket } from 'node:net';
import type { Caller } from './caller.js';
import type { HttpLimits } from './limits.js';
import { readLine } from './read-line.js';

/** The longest line of the PROXY protocol's version 1. */
const LINE_MAX_BYTES = 107;

/** What tor writes before each stream with HiddenServiceExportCircuitID haproxy. */
const LINE =
  /^PROXY TCP6 fc00:dead:beef:4dad::([0-9a-f]{1,4}):([0-9a-f]{1,4}) ::1 \d{1,5} \d{1,5}\r$/;

export type CircuitLimits = Pick<HttpLimits, 'headMs' | 'connectionsPerCircuit'>;

/** tor's numbers of the circuits that connections came through, and how many each one has. */
export class Circuits {
  readonly #numbers = new WeakMap<Socket, number>();
  readonly #live = new Map<number, number>();
  readonly #told: boolean;
  readonly #limits: CircuitLimits;

  /** @param told whether tor writes its line in front; without it no connection has a circuit */
  constructor(told: boolean, limits: CircuitLimits) {
    this.#told = told;
    this.#limits = limits;
  }

  caller(socket: Socket): Caller {
    return { socket, circuit: this.#numbers.get(socket) };
  }

  /**
   * Takes the line off each new connection before the server's own listeners see it.
   *
   * The server itself keeps listening: an http.Server that is only handed its connections does not
   * enforce headersTimeout.
   */
  watch(server: Server): void {
    if (!this.#told) return;
    const listeners = server.listeners('connection');
    server.removeAllListeners('connection');
    server.on('connection', (socket: Socket) => {
      socket.on('error', () => undefined);
      this.#take(socket).then(
        () => {
          for (const listener of listeners) Reflect.apply(listener, server, [socket]);
        },
        () => socket.destroy(),
      );
    });
  }

  /** @throws Error if there is no line of tor's, or its circuit has connections enough */
  async #take(socket: Socket): Promise<void> {
    const deadlineMs = this.#limits.headMs;
    const line = await readLine(socket, { maxBytes: LINE_MAX_BYTES, deadlineMs });
    const [, high, low] = LINE.exec(line) ?? [];
    if (high === undefined || low === undefined) throw new Error('not a PROXY line of tor');
    const circuit = Number.parseInt(high, 16) * 0x1_0000 + Number.parseInt(low, 16);
    this.#count(circuit, socket);
    this.#numbers.set(socket, circuit);
  }

  #count(circuit: number, socket: Socket): void {
    if (socket.destroyed) throw new Error('the connection is gone');
    const live = this.#live.get(circuit) ?? 0;
    if (live >= this.#limits.connectionsPerCircuit) throw new Error('too many of one circuit');
    this.#live.set(circuit, live + 1);
    socket.once('close', () => {
      const left = (this.#live.get(circuit) ?? 0) - 1;
      if (left > 0) this.#live.set(circuit, left);
      else this.#live.delete(circuit);
    });
  }
}
