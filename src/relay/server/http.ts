import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import express, { type RequestHandler } from 'express';
import basicAuth from 'express-basic-auth';
import type { Logger } from '../../base/logger.js';
import type { RelayLimits } from '../limits.js';
import { parse } from '../parse.js';
import { channelRequestSchema, joinRequestSchema } from '../protocol.js';
import { Refusal, statusOf, type WireCode, wireErrorOf } from '../refusal.js';
import type { Registry } from './registry.js';
import type { Circuits } from './circuits.js';
import type { Door, DoorDelay } from './door.js';

/** How often Node looks for requests that take too long to arrive. */
const CHECK_MS = 1000;

/** Request headers in bytes: a client needs some 300. */
const HEADER_MAX_BYTES = 8192;

/** On every reply */
const HEADERS = [
  ['Referrer-Policy', 'no-referrer'],
  ['Cache-Control', 'no-store'],
  ['X-Content-Type-Options', 'nosniff'],
] as const;

/** An express application with its third parameter, which express' types leave out. */
type App = (
  request: IncomingMessage,
  response: ServerResponse,
  end: (error?: unknown) => void,
) => void;

export interface HttpOptions {
  readonly registry: Registry;
  readonly door: Door;
  readonly doorDelay: DoorDelay;
  readonly circuits: Circuits;
  readonly remoteSenders: boolean;
  readonly limits: RelayLimits;
  readonly logger: Logger;
}

/** `/join` and `/channel` behind the door. Whatever goes wrong is a small JSON error. */
export function createHttp(options: HttpOptions): Server {
  const { circuits, doorDelay, limits, logger } = options;
  const app = createApp(options);
  const server = createServer(
    {
      headersTimeout: limits.headMs,
      requestTimeout: limits.requestMs,
      keepAliveTimeout: limits.keepAliveMs,
      connectionsCheckingInterval: Math.min(CHECK_MS, limits.headMs),
      maxHeaderSize: HEADER_MAX_BYTES,
    },
    (request, response) => {
      if (doorDelay.isShut(circuits.caller(request.socket))) {
        request.socket.destroy();
        return;
      }
      response.shouldKeepAlive = false;
      for (const [name, value] of HEADERS) response.setHeader(name, value);
      app(request, response, (error) => end(request, response, error, logger));
    },
  );
  server.maxConnections = limits.connections;
  server.on('clientError', refuseClient);
  // Node would answer this by itself, and keep the connection.
  server.on('checkExpectation', (request) => request.socket.destroy());
  circuits.watch(server);
  return server;
}

function createApp(options: HttpOptions): App {
  const { registry, circuits, remoteSenders, limits } = options;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.enable('case sensitive routing');
  app.enable('strict routing');

  const guard = atDoor(options);
  const json = express.json({ limit: limits.bodyBytes, inflate: false });
  app.post('/join', guard, json, (request, response) => {
    const join = parse(joinRequestSchema, request.body);
    // Whatever the channel: who is refused must not learn which ones there are.
    if (join.role === 'sender' && !remoteSenders) throw new Refusal('no-senders');
    response.json(registry.join(join, circuits.caller(request.socket)));
  });
  app.post('/channel', guard, json, async (request, response) => {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const caller = circuits.caller(request.socket);
    const wanted = parse(channelRequestSchema, request.body);
    response.json(await registry.request(wanted, { caller, signal: gone.signal }));
  });
  app.all(['/join', '/channel'], (_request, response) => {
    refuse(response.set('Allow', 'POST'), 'method-not-allowed');
  });
  return app;
}

/**
 * Basic auth whose refusals are delayed. It is built for each request because the library's
 * authorizer is not told which request it judges, and one too many has its connection closed.
 */
function atDoor({ door, doorDelay, circuits }: HttpOptions): RequestHandler {
  return (request, response, next) => {
    const judge = basicAuth({
      challenge: true,
      // The library sets a realm only; the charset (RFC 7617, section 2.1) goes along in it.
      realm: 'onionferry", charset="UTF-8',
      unauthorizedResponse: wireErrorOf('unauthorized'),
      authorizeAsync: true,
      authorizer: (user, password, decide) => {
        if (door(user, password)) {
          decide(null, true);
          return;
        }
        void doorDelay.hold(circuits.caller(request.socket)).then((answer) => {
          if (answer) decide(null, false);
          else request.socket.destroy();
        });
      },
    });
    judge(request, response, (error?: unknown) => {
      response.shouldKeepAlive = mayStay(request);
      next(error);
    });
  };
}

/** Only a connection that has passed the door is kept; HTTP/1.0 is not spoken by any client of ours. */
function mayStay({ httpVersion, headers }: IncomingMessage): boolean {
  return httpVersion === '1.1' && !/\bclose\b/i.test(headers.connection ?? '');
}

function refuse(response: ServerResponse, code: WireCode): void {
  const body = JSON.stringify(wireErrorOf(code));
  response.writeHead(statusOf(code), {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': body.length,
  });
  response.end(body);
}

/**
 * What express could not route, or failed at. Without it express has a last handler of its own,
 * which answers with a page and prints the stack of an error.
 */
function end(
  { socket }: IncomingMessage,
  response: ServerResponse,
  error: unknown,
  logger: Logger,
): void {
  if (response.closed) return;
  if (response.headersSent) {
    socket.destroy();
    return;
  }
  const code = error === undefined || error === null ? 'not-found' : wireCodeOf(error);
  if (code === 'internal') logger.warn(`relay: a request failed: ${String(error)}`);
  refuse(response, code);
}

/** Errors of express and its body parser carry an HTTP status. */
function wireCodeOf(error: unknown): WireCode {
  if (error instanceof Refusal) return error.wireCode;
  if (typeof error !== 'object' || error === null || !('status' in error)) return 'internal';
  if (error.status === 413) return 'too-large';
  return typeof error.status === 'number' && error.status < 500 ? 'bad-request' : 'internal';
}

/** What is not HTTP, or too slow or too large to become a request, never reaches express. */
function refuseClient(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const [status, code] =
    error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
      ? ['408 Request Timeout', wireErrorOf('bad-request')]
      : error.code === 'HPE_HEADER_OVERFLOW'
        ? ['431 Request Header Fields Too Large', wireErrorOf('too-large')]
        : ['400 Bad Request', wireErrorOf('bad-request')];
  const body = JSON.stringify(code);
  socket.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${body.length}\r\n\r\n${body}`,
  );
}
