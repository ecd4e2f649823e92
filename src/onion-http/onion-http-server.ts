import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  STATUS_CODES,
} from 'node:http';
import type { Server as NetServer, Socket } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import type { Credentials } from '../base/authorization.js';
import { asOnionferryError, type ErrorCode } from '../base/errors.js';
import type { Logger } from '../base/logger.js';
import { Access, type Audience } from './access.js';
import { CircuitTries } from './circuit-tries.js';
import { Circuits, circuitOf } from './circuits.js';
import { DEFAULT_HTTP_LIMITS, type HttpLimits } from './limits.js';
import { oneAtATime, Stalls } from './requests.js';
import { noteRequest } from './round-trips.js';
import { RequestTurns } from './turns.js';

/** How often Node looks for requests that take too long to arrive. */
const CHECK_MS = 1000;

/**
 * Connections that the system keeps until they are taken, one in each turn of the event loop; tor's
 * attempt at one more fails. As many as Linux allows (net.core.somaxconn).
 */
export const BACKLOG = 4096;

/** Request headers in bytes: a client needs some 300, a browser below 1,000. */
const HEADER_MAX_BYTES = 8192;

/** A reply to what never became a request. */
export interface PlainReply {
  readonly type: string;
  readonly text: string;
}

/** The reply to what is not HTTP, or too slow or too large to become a request */
export type Complaint = (status: 400 | 408 | 431) => PlainReply;

/**
 * Makes what answers requests. It checks access itself, as the reply to a wrong password has to fit
 * what is served.
 */
export type Answer = (access: Access) => RequestListener;

export interface OnionHttpOptions {
  /** What the access check asks for; only digests of it are kept */
  readonly credentials: Credentials;
  /** Where the unix sockets are made; nobody else may enter it (mode 0700) */
  readonly directory: string;
  readonly answer: Answer;
  readonly limits?: Partial<HttpLimits> | undefined;
  /** Where others count what circuits try as well; default one of its own */
  readonly tries?: CircuitTries | undefined;
  /** Default: in plain text */
  readonly complaint?: Complaint;
  /** Whether tor writes the circuit's line (HiddenServiceExportCircuitID haproxy); default true */
  readonly circuitLine?: boolean | undefined;
  readonly audience?: Audience | undefined;
  /** Of the error if it cannot listen; default ERR_WEB */
  readonly code?: ErrorCode;
  readonly logger?: Logger | undefined;
  /** Ends the start. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * The HTTP server of an onion service, and its other ports if it has some. It owns the access check
 * and every connection, and closes them.
 *
 * It knows each connection's circuit, answers no circuit that is shut out, takes the requests of a
 * connection one by one, and keeps only connections that have authenticated.
 */
export class OnionHttpServer implements AsyncDisposable {
  readonly access: Access;
  readonly http: Server;
  readonly #options: OnionHttpOptions;
  readonly circuits: Circuits;
  readonly #limits: HttpLimits;
  readonly #ports = new Map<string, NetServer>();
  readonly #sockets = new Set<Socket>();
  readonly #turns = new RequestTurns();
  #closed: Promise<void> | undefined;

  constructor(options: OnionHttpOptions) {
    const { credentials, answer, complaint, logger } = options;
    const limits = { ...DEFAULT_HTTP_LIMITS, ...options.limits };
    this.#options = options;
    this.#limits = limits;
    this.circuits = new Circuits(limits, logger);
    const tries = options.tries ?? new CircuitTries(limits);
    tries.whenShut((circuit) => this.circuits.shut(circuit));
    this.access = new Access(credentials, limits, tries, options.audience);
    this.http = createHttpServer(answer(this.access), {
      ...{ access: this.access, turns: this.#turns, limits, complaint },
    });
    this.addPort('http', this.http);
  }

  /** The unix socket of the HTTP server */
  get httpSocket(): string {
    return this.socketOf('http');
  }

  socketOf(port: string): string {
    return join(this.#options.directory, port);
  }

  /** One more port of the same service: its connections count with the others. */
  addPort(name: string, server: NetServer): void {
    // Of connections whose circuit is not known yet as well, which have no place yet.
    server.maxConnections = 2 * this.#limits.connections;
    // Called when the circuit is known, as `watch` has it.
    server.on('connection', (socket: Socket) => this.access.places.enter(socket));
    if (this.#options.circuitLine !== false) this.circuits.watch(server);
    // Called for each as soon as it is taken.
    server.on('connection', (socket: Socket) => {
      this.#turns.arrived();
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    this.#ports.set(name, server);
  }

  /** @throws OnionferryError `code` if a socket cannot be made; the signal's reason. It is closed then. */
  async listen(): Promise<void> {
    const { directory, code = 'ERR_WEB', signal } = this.#options;
    try {
      signal?.throwIfAborted();
      for (const [name, server] of this.#ports) await listening(server, this.socketOf(name));
      signal?.throwIfAborted();
    } catch (error) {
      await this.close();
      if (signal?.aborted === true) throw error;
      const sentence = `no socket can be made in ${directory}; check that the directory can be written to`;
      throw asOnionferryError(error, code, sentence);
    }
  }

  /** Takes no more connections, and ends those that have not ended by themselves after `graceMs`. */
  close(graceMs = 0): Promise<void> {
    return (this.#closed ??= this.#close(graceMs));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(graceMs: number): Promise<void> {
    this.access.close();
    this.circuits.close();
    const ended = [...this.#ports.values()].map(
      (server) => new Promise((resolve) => server.close(resolve)),
    );
    const end = (): void => {
      for (const socket of this.#sockets) socket.destroy();
    };
    if (graceMs === 0) end();
    const timer = setTimeout(end, graceMs);
    await Promise.all(ended);
    clearTimeout(timer);
  }
}

/** Of replies in which nothing is to run or load, and whose address is nobody's business. */
const HARDENING =
  "Content-Security-Policy: default-src 'none';frame-ancestors 'none'\r\n" +
  'X-Frame-Options: DENY\r\nReferrer-Policy: no-referrer\r\n' +
  'X-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\n';

/** Writes a whole reply to a connection that has no response, and closes it. */
export function endWith(
  socket: Duplex,
  status: number,
  { type, text }: PlainReply,
  headers = '',
): void {
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nConnection: close\r\n${headers}${HARDENING}` +
      `Content-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
    // A client that never ends its side would keep the connection.
    () => socket.destroy(),
  );
}

function listening(server: NetServer, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ path, backlog: BACKLOG }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

interface Served {
  readonly access: Access;
  readonly turns: RequestTurns;
  readonly limits: HttpLimits;
  readonly complaint?: Complaint | undefined;
}

function createHttpServer(
  listener: RequestListener,
  { access, turns, limits, complaint = inPlainText }: Served,
): Server {
  const stalls = new Stalls(limits.stalledMs);
  const inTurn = oneAtATime((request, response) => {
    turns.take(circuitOf(request) ?? request.socket, () => begin(request, response));
  });
  const begin: RequestListener = (request, response) => {
    const { socket } = request;
    // It may have ended while it waited.
    if (socket.destroyed) return;
    if (access.isShut(request)) {
      socket.destroy();
      return;
    }
    access.places.occupy(socket);
    response.once('close', () => access.places.rest(socket));
    stalls.watch(request, response);
    response.shouldKeepAlive = false;
    const isOld = request.httpVersion !== '1.1';
    if (request.headers.host === undefined && !isOld) complain(socket, 400);
    else listener(request, response);
  };
  const complain = (socket: Socket, status: 400 | 408 | 431): void => {
    // Browsers open connections that they may not need: to be late is no offence.
    if (status !== 408 && !access.places.hasPassed(socket)) access.failed({ socket });
    if (!socket.destroyed) endWith(socket, status, complaint(status));
  };
  const take: RequestListener = (request, response) => {
    noteRequest(request, response);
    inTurn(request, response);
  };
  const server = createServer(
    {
      headersTimeout: limits.headMs,
      requestTimeout: limits.requestMs,
      keepAliveTimeout: limits.keepAliveMs,
      connectionsCheckingInterval: Math.min(CHECK_MS, limits.headMs),
      maxHeaderSize: HEADER_MAX_BYTES,
      // Node's own reply to that would have no header of ours.
      requireHostHeader: false,
    },
    take,
  );
  stalls.guard(server);
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    if (!socket.writable || error.code === 'ECONNRESET') {
      socket.destroy();
      return;
    }
    complain(socket, COMPLAINTS[error.code ?? ''] ?? 400);
  });
  // Node would tell every client to continue; the access check does so once it has passed.
  server.on('checkContinue', take);
  // Node would answer this by itself, and keep the connection.
  server.on('checkExpectation', (request: IncomingMessage) => request.socket.destroy());
  return server;
}

/** By the code of Node's error */
const COMPLAINTS: Readonly<Record<string, 408 | 431>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_HEADER_OVERFLOW: 431,
};

function inPlainText(status: 400 | 408 | 431): PlainReply {
  const texts = {
    400: 'This is not a valid HTTP request.\n',
    408: 'The request took too long to arrive.\n',
    431: 'The request’s headers are too large.\n',
  };
  return { type: 'text/plain; charset=utf-8', text: texts[status] };
}
