import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import express from 'express';
import type { Logger } from '../../base/logger.js';
import type { AccessCheck, AccessDelay } from '../../onion-http/access-check.js';
import type { Circuits } from '../../onion-http/circuits.js';
import { createGuard } from '../../onion-http/guard.js';
import { createGuardedServer } from '../../onion-http/guarded-server.js';
import { parse } from '../../relay-protocol/parse.js';
import { Refusal, statusOf, type WireCode, wireErrorOf } from '../../relay-protocol/refusal.js';
import { channelRequestSchema, joinRequestSchema } from '../../relay-protocol/wire.js';
import type { RelayLimits } from '../limits.js';
import type { Registry } from './registry.js';

/** On every reply; pages have a policy of their own. */
const HEADERS = [
  ['Content-Security-Policy', "default-src 'none';frame-ancestors 'none'"],
  ['X-Frame-Options', 'DENY'],
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
  readonly door: AccessCheck;
  readonly accessDelay: AccessDelay;
  readonly circuits: Circuits;
  /** Told of each connection, for each request on it, that has shown the right key */
  readonly onPassed?: ((socket: Socket) => void) | undefined;
  readonly remoteSenders: boolean;
  /** Answers whatever is no request of the protocol */
  readonly pages?: CreatePages | undefined;
  readonly limits: RelayLimits;
  readonly logger: Logger;
}

/** What pages need to hold up who is wrong at the door just as the relay does. */
export type Entrance = Pick<HttpOptions, 'door' | 'accessDelay' | 'circuits' | 'onPassed'>;

/** Makes the pages of a relay, which have a guard of their own. */
export type CreatePages = (
  entrance: Entrance,
) => (request: express.Request, response: express.Response) => void;

/** `/join` and `/channel` behind the door. Whatever goes wrong is a small JSON error. */
export function createHttp(options: HttpOptions): Server {
  const { circuits, accessDelay, limits, logger } = options;
  const app = createApp(options);
  return createGuardedServer({
    circuits,
    accessDelay,
    limits,
    listener: (request, response) => {
      for (const [name, value] of HEADERS) response.setHeader(name, value);
      app(request, response, (error) => end(request, response, error, logger));
    },
    complaint: (status) => ({
      type: 'application/json',
      text: JSON.stringify(wireErrorOf(status === 431 ? 'too-large' : 'bad-request')),
    }),
  });
}

function createApp(options: HttpOptions): App {
  const { registry, circuits, remoteSenders, limits } = options;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.enable('case sensitive routing');
  app.enable('strict routing');

  const guard = createGuard({ ...options, refusal: () => wireErrorOf('unauthorized') });
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
  const pages = options.pages?.(options);
  if (pages !== undefined) app.use((request, response) => pages(request, response));
  return app;
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
