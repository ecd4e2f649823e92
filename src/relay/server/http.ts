import type { IncomingMessage, RequestListener } from 'node:http';
import express, { type Express, type RequestHandler, type Response } from 'express';
import type { Logger } from '../../base/logger.js';
import type { Access } from '../../onion-http/access.js';
import { requireBasicAuth } from '../../onion-http/basic-auth.js';
import { callerOf } from '../../onion-http/circuits.js';
import { createListener, httpStatusOf } from '../../onion-http/handlers.js';
import type { Middleware } from '../../onion-http/middleware.js';
import { ELSEWHERE_STATUS, Elsewhere, wireElsewhereOf } from '../../relay-protocol/elsewhere.js';
import {
  parse,
  Refusal,
  statusOf,
  type WireCode,
  wireErrorOf,
} from '../../relay-protocol/refusal.js';
import {
  channelRequestSchema,
  joinRequestSchema,
  type ParticipantId,
} from '../../relay-protocol/wire.js';
import type { RelayLimits } from '../limits.js';
import type { Backend } from './backend.js';
import type { Registry } from './registry.js';

/** On every reply; pages have a policy of their own. */
const HEADERS = {
  'Content-Security-Policy': "default-src 'none';frame-ancestors 'none'",
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
};

export interface RelayHttpOptions {
  readonly registry: Registry;
  /** Knows which channels are elsewhere. */
  readonly backend: Backend;
  readonly access: Access;
  /** Behind the access check, before `/join` and `/channel` */
  readonly middleware?: readonly Middleware[] | undefined;
  readonly remoteSenders: boolean;
  /** Answers everything that is no request of the protocol, behind an access check of its own */
  readonly pages?: RequestListener | undefined;
  readonly limits: RelayLimits;
  readonly logger: Logger;
}

/** `/join` and `/channel` behind Basic auth. Every failure is a small JSON error. */
export function createRelayHttp(options: RelayHttpOptions): RequestListener {
  return createListener({
    headers: HEADERS,
    mount: (app) => mount(app, options),
    ending: (error) => {
      if (error instanceof Elsewhere) {
        const reply = wireElsewhereOf(error);
        return { isDefect: false, send: (it) => it.status(ELSEWHERE_STATUS).json(reply) };
      }
      const code = error === undefined ? 'not-found' : wireCodeOf(error);
      if (error !== undefined) options.registry.tally.refused(code);
      return { isDefect: code === 'internal', send: (response) => refuse(response, code) };
    },
    room: 'relay',
    logger: options.logger,
  });
}

function mount(app: Express, options: RelayHttpOptions): void {
  const { registry, backend, access, middleware = [], remoteSenders, pages, limits } = options;
  const unauthorized = { bodyFor: () => wireErrorOf('unauthorized') };
  const json = express.json({ limit: limits.bodyBytes, inflate: false });
  const before: RequestHandler[] = [
    requireBasicAuth({ access, unauthorized, busy: () => new Refusal('too-many') }),
    ...middleware,
    json,
  ];
  app.post('/join', ...before, async (request, response) => {
    const join = parse(joinRequestSchema, request.body);
    // For any channel: a refused sender must not learn which channels there are.
    if (join.role === 'sender' && !remoteSenders) throw new Refusal('no-senders');
    if (join.role === 'recipient') {
      if (!(await mayLookFor(join, request, options))) return;
    }
    response.json(await backend.join(join, callerOf(request), request.headers.host));
  });
  app.post('/channel', ...before, async (request, response) => {
    const gone = new AbortController();
    response.once('close', () => {
      if (!response.writableFinished) gone.abort();
    });
    const wanted = parse(channelRequestSchema, request.body);
    const caller = callerOf(request);
    // Who leaves what has ended meanwhile does not guess; so the answer says nothing of channels.
    if (wanted.close === true && registry.isGuess(wanted)) throw new Refusal('attempt-ended');
    if (!(await mayLookFor(wanted, request, options))) return;
    response.json(await registry.request(wanted, { caller, signal: gone.signal }));
  });
  app.all(['/join', '/channel'], (_request, response) => {
    refuse(response.set('Allow', 'POST'), 'method-not-allowed');
  });
  if (pages !== undefined) app.use((request, response) => pages(request, response));
}

/**
 * Who looks for a channel that is not there is delayed and counted like one with a wrong password: a
 * name may be two words, and the password of a relay many people's.
 *
 * @returns false if the connection was closed
 * @throws Elsewhere; Refusal no-directory, too-many
 */
async function mayLookFor(
  place: { readonly channel?: string; readonly uuid?: ParticipantId },
  request: IncomingMessage,
  { registry, backend, access }: Pick<RelayHttpOptions, 'registry' | 'backend' | 'access'>,
): Promise<boolean> {
  if (
    (await backend.leadGuesser(place, request, access)) &&
    (!registry.isGuess(place) || (await access.delayRefusal(request)))
  ) {
    return true;
  }
  request.socket.destroy();
  return false;
}

function refuse(response: Response, code: WireCode): void {
  response.status(statusOf(code)).json(wireErrorOf(code));
}

/** Errors of Express, of its body parser and of middleware carry an HTTP status. */
function wireCodeOf(error: unknown): WireCode {
  if (error instanceof Refusal) return error.wireCode;
  const status = httpStatusOf(error) ?? 500;
  if (status === 413) return 'too-large';
  if (status === 429 || status === 503) return 'too-many';
  return status < 500 ? 'bad-request' : 'internal';
}
