import type { Server, Socket } from 'node:net';
import { type Logger, silentLogger } from '../base/logger.js';
import type { HttpLimits } from './limits.js';
import { readLine } from './read-line.js';
import { shareWay } from './round-trips.js';

/** The longest line of the PROXY protocol, version 1. */
const LINE_MAX_BYTES = 107;

/** What tor writes before each stream with HiddenServiceExportCircuitID haproxy (tor(1)). */
const LINE =
  /^PROXY TCP6 fc00:dead:beef:4dad::([0-9a-f]{1,4}):([0-9a-f]{1,4}) ::1 \d{1,5} \d{1,5}\r$/;

/** Of a tor that tells no circuits, where something else leads to us (publishForwarded). */
const UNKNOWN = 'PROXY UNKNOWN\r';

const numbers = new WeakMap<Socket, number>();

/** A request, or anything else that came on a connection. */
export interface Connected {
  readonly socket: Socket;
}

/** The connection that a request came on, and its circuit. */
export interface Caller {
  readonly socket: { readonly destroyed: boolean };
  /** tor's number of the circuit; undefined where tor writes none */
  readonly circuit: number | undefined;
}

/**
 * The number of the circuit that a request came through, as tor counts them while it runs.
 *
 * Behind an onion service there is no client address, so `request.ip` is undefined or meaningless.
 * The circuit comes closest: requests on one circuit come from one client, while one client may use
 * several circuits, and may get another one at any time.
 *
 * @returns undefined where the circuit is unknown
 */
export function circuitOf({ socket }: Connected): number | undefined {
  return numbers.get(socket);
}

export function callerOf({ socket }: Connected): Caller {
  return { socket, circuit: numbers.get(socket) };
}

export type CircuitLimits = Pick<HttpLimits, 'headMs' | 'connectionsPerCircuit'>;

/** Reads the circuit of each connection, and limits how many connections one circuit has. */
export class Circuits {
  readonly #live = new Map<number, Set<Socket>>();
  readonly #limits: CircuitLimits;
  readonly #logger: Logger;

  constructor(limits: CircuitLimits, logger: Logger = silentLogger) {
    this.#limits = limits;
    this.#logger = logger;
  }

  /**
   * Takes the line off each new connection before the server's own listeners see it.
   *
   * The server still listens by itself: an http.Server that is only handed connections does not
   * enforce headersTimeout.
   */
  watch(server: Server): void {
    const listeners = server.listeners('connection');
    server.removeAllListeners('connection');
    server.on('connection', (socket: Socket) => {
      // 'close' follows, and is what counts.
      socket.on('error', () => undefined);
      this.#take(socket).then(
        () => {
          for (const listener of listeners) Reflect.apply(listener, server, [socket]);
        },
        (error: unknown) => {
          this.#logger.debug(`onion-http: a connection is refused: ${String(error)}`);
          socket.destroy();
        },
      );
    });
  }

  /** @throws Error if there is no such line, or its circuit has as many connections as it may */
  async #take(socket: Socket): Promise<void> {
    const deadlineMs = this.#limits.headMs;
    const line = await readLine(socket, { maxBytes: LINE_MAX_BYTES, deadlineMs });
    if (line === UNKNOWN) return;
    const [, high, low] = LINE.exec(line) ?? [];
    if (high === undefined || low === undefined) throw new Error('it begins with no PROXY line');
    const circuit = Number.parseInt(high, 16) * 0x1_0000 + Number.parseInt(low, 16);
    this.#count(circuit, socket);
    numbers.set(socket, circuit);
  }

  #count(circuit: number, socket: Socket): void {
    if (socket.destroyed) throw new Error('it has ended already');
    const live = this.#live.get(circuit) ?? new Set();
    if (live.size >= this.#limits.connectionsPerCircuit) {
      throw new Error('its circuit has too many connections');
    }
    const [other] = live;
    if (other !== undefined) shareWay(socket, other);
    this.#live.set(circuit, live.add(socket));
    socket.once('close', () => {
      live.delete(socket);
      if (live.size === 0) this.#live.delete(circuit);
    });
  }
}
