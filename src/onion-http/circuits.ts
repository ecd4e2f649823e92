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
/** tor's numbers are below it. A multiple of it tells apart the tors that counted. */
const OF_ONE_TOR = 0x1_0000_0000;

const numbers = new WeakMap<Socket, number>();

/** A request, or anything else that came on a connection. */
export interface Connected {
  readonly socket: Socket;
}

/** The connection that a request came on, and its circuit. */
export interface Caller {
  readonly socket: { readonly destroyed: boolean };
  /** As `circuitOf` has it; undefined where tor writes none */
  readonly circuit: number | undefined;
}

/**
 * The number of the circuit that a request came through. No two circuits have the same while this
 * process runs, although tor counts them from the beginning when it is restarted.
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

export type CircuitLimits = Pick<HttpLimits, 'headMs' | 'connectionsPerCircuit' | 'lastReplyMs'>;

/** What closes a circuit by the number that tor exports for it. */
interface CircuitCloser {
  closeCircuit(circuit: number): Promise<void>;
}

/** Reads the circuit of each connection, and limits how many connections one circuit has. */
export class Circuits {
  readonly #live = new Map<number, Set<Socket>>();
  /** Those that are shut, until they are closed */
  readonly #shut = new Map<number, NodeJS.Timeout>();
  readonly #limits: CircuitLimits;
  readonly #logger: Logger;
  /** How many tors have counted circuits before */
  #before = 0;
  #tor: CircuitCloser | undefined;

  constructor(limits: CircuitLimits, logger: Logger = silentLogger) {
    this.#limits = limits;
    this.#logger = logger;
  }

  /** Who closes circuits that are shut out; without it only their connections are closed. */
  closeWith(tor: CircuitCloser): void {
    this.#tor = tor;
  }

  /**
   * From now on another tor counts: what is remembered of the circuits so far says nothing of those
   * that get their numbers. To be called before it can be reached.
   */
  countAnew(): void {
    this.#before++;
  }

  /**
   * Takes no more connections of a circuit, and closes it with those that it has when its last reply
   * has had the time to leave. So its client has to build another, with proof of work when many do.
   */
  shut(circuit: number): void {
    if (this.#shut.has(circuit)) return;
    const timer = setTimeout(() => this.#close(circuit), this.#limits.lastReplyMs);
    this.#shut.set(circuit, timer);
  }

  /** Circuits that are shut are not waited for: whoever closes the service closes its connections. */
  close(): void {
    for (const timer of this.#shut.values()) clearTimeout(timer);
    this.#shut.clear();
  }

  #close(circuit: number): void {
    this.#shut.delete(circuit);
    for (const socket of this.#live.get(circuit) ?? []) socket.destroy();
    // tor would take the number for another circuit.
    if (Math.floor(circuit / OF_ONE_TOR) !== this.#before) return;
    this.#tor?.closeCircuit(circuit % OF_ONE_TOR).catch((error: unknown) => {
      this.#logger.debug(`onion-http: a circuit could not be closed: ${String(error)}`);
    });
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
    const number = Number.parseInt(high, 16) * 0x1_0000 + Number.parseInt(low, 16);
    const circuit = this.#before * OF_ONE_TOR + number;
    this.#count(circuit, socket);
    numbers.set(socket, circuit);
  }

  #count(circuit: number, socket: Socket): void {
    if (socket.destroyed) throw new Error('it has ended already');
    if (this.#shut.has(circuit)) throw new Error('its circuit is shut');
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
