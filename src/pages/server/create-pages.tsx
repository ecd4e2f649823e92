import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import express, { type RequestHandler, type Response, type Router } from 'express';
import type { Logger } from '../../base/logger.js';
import type { AccessCheck, AccessDelay } from '../../onion-http/access-check.js';
import type { Circuits } from '../../onion-http/circuits.js';
import { createGuard } from '../../onion-http/guard.js';
import type { SignedLinks } from '../../onion-http/signed-links.js';
import { renderPage, sendPage } from '../design/render-page.js';
import { ErrorPage } from './error-page.js';
import { asPageRefusal, PageRefusal } from './refusal.js';
import { policyForAlone, securityHeaders } from './security-headers.js';
import { serveAssets, serveIcon } from './serve-assets.js';

/** An express application with its third parameter, which express' types leave out. */
type App = (
  request: IncomingMessage,
  response: ServerResponse,
  end: (error?: unknown) => void,
) => void;

export interface PagesOptions {
  /** Lets in, or answers: by Basic auth, before anything else is served */
  readonly guard: RequestHandler;
  readonly routes: Router;
  readonly logger: Logger;
}

/** Answers every request: with the routes behind Basic auth, or with an error page. */
export type Pages = (request: IncomingMessage, response: ServerResponse) => void;

/** Pages behind Basic auth, with all that they have in common. */
export function createPages({ guard, routes, logger }: PagesOptions): Pages {
  const application = express();
  application.disable('x-powered-by');
  application.disable('etag');
  application.enable('case sensitive routing');
  application.enable('strict routing');
  application.use(securityHeaders());
  application.use(guard);
  application.use(serveAssets());
  application.use(routes);
  application.use(serveIcon());
  const app: App = application;
  return (request, response) => {
    app(request, response, (error) => {
      // Express has made it one of its own.
      end(request, response as Response, error ?? notRouted(request, response), logger);
    });
  };
}

export interface AccessRefusal {
  readonly door: AccessCheck;
  readonly accessDelay: AccessDelay;
  readonly circuits: Circuits;
  /** Told of each connection, for each request on it, that has shown the right key */
  readonly onPassed?: ((socket: Socket) => void) | undefined;
  /** What opens single downloads; without them nothing does but the key */
  readonly signedLinks?: SignedLinks | undefined;
}

/** The guard of pages that one user name and password open. */
export function pageGuard(atDoor: AccessRefusal): RequestHandler {
  const { signedLinks, onPassed } = atDoor;
  const guard = createGuard({ ...atDoor, refusal: refusalAccessRefusal() });
  return (request, response, next) => {
    if (signedLinks?.admits(request) !== true) {
      guard(request, response, next);
      return;
    }
    onPassed?.(request.socket);
    next();
  };
}

/** The page for who was wrong at the door, with all that it needs. */
export function refusalAccessRefusal(): (response: Response) => string {
  const html = renderPage(<ErrorPage kind="wrong-password" />);
  const policy = policyForAlone();
  return (response) => {
    response.setHeader('Content-Security-Policy', policy);
    return html;
  };
}

function notRouted({ method }: IncomingMessage, response: ServerResponse): PageRefusal {
  if (method === 'GET' || method === 'HEAD') return new PageRefusal('not-found');
  response.setHeader('Allow', 'GET, HEAD');
  return new PageRefusal('method-not-allowed');
}

/** Without it express has a last handler of its own, which shows and prints the stack of an error. */
function end(
  { socket }: IncomingMessage,
  response: Response,
  error: unknown,
  logger: Logger,
): void {
  if (response.closed) return;
  const refusal = asPageRefusal(error);
  if (refusal.kind === 'internal') logger.warn(`pages: a request failed: ${String(error)}`);
  if (response.headersSent) {
    // What was promised cannot be kept: that must be seen, and not look like an end.
    socket.destroy();
    return;
  }
  sendPage(response, <ErrorPage kind={refusal.kind} />, refusal.status);
}
