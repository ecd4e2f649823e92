import type { IncomingMessage, RequestListener } from 'node:http';
import { type RequestHandler, Router } from 'express';
import { type Logger, silentLogger } from '../../base/logger.js';
import type { Access } from '../../onion-http/access.js';
import type { SignedLinks } from '../../onion-http/basic-auth.js';
import { requireBasicAuth, type Unauthorized } from '../../onion-http/basic-auth.js';
import { createListener } from '../../onion-http/handlers.js';
import type { Middleware } from '../../onion-http/middleware.js';
import { type OnionHttpOptions, OnionHttpServer } from '../../onion-http/onion-http-server.js';
import { ASSETS_PATH, asset, assets } from '../design/assets.js';
import { renderPage, sendPage } from '../design/render-page.js';
import { wordsFor } from '../words/words-for.js';
import { ErrorPage } from './error-page.js';
import { type LoginKind, LoginPage, REALMS } from './login-page.js';
import { asPageRefusal, PageRefusal } from './refusal.js';
import { policyForAlone, securityHeaders } from './security-headers.js';

/** With 503: what was too much is over by then, or may be tried again. */
const RETRY_AFTER_SECONDS = 60;

export interface PagesOptions {
  /** Lets a request pass, or answers it; nothing is served without it */
  readonly guard: RequestHandler;
  /** Of the one who runs this: behind the access check, before everything else */
  readonly middleware?: readonly Middleware[] | undefined;
  readonly routes: RequestHandler;
  readonly logger: Logger;
}

/** Pages behind Basic auth, with everything they have in common. Failures become error pages. */
export function createPages({
  guard,
  middleware = [],
  routes,
  logger,
}: PagesOptions): RequestListener {
  return createListener({
    mount: (app) => {
      app.use(securityHeaders(), guard, ...middleware, serveAssets(), routes, serveIcon());
    },
    ending: (error, request) => {
      const refusal = refusalOf(error, request);
      return {
        isDefect: refusal.kind === 'internal',
        send(response) {
          if (refusal.kind === 'method-not-allowed') response.set('Allow', 'GET, HEAD');
          if (refusal.status === 503) response.set('Retry-After', String(RETRY_AFTER_SECONDS));
          sendPage(response, <ErrorPage kind={refusal.kind} />, refusal.status);
        },
      };
    },
    room: 'pages',
    logger,
  });
}

/** The access check of pages that one user name and password open. */
export function pageGuard(access: Access, signedLinks?: SignedLinks): RequestHandler {
  return requireBasicAuth({ access, signedLinks, unauthorized: unauthorizedPage('given'), busy });
}

/** For a visitor who is not even judged, as too many others guess passwords. */
export function busy(): PageRefusal {
  return new PageRefusal('busy');
}

/**
 * The page for a wrong password, which cannot fetch a stylesheet and has its own. Its visitors may
 * know only the address, so it names a user only where all addresses have the same one.
 */
export function unauthorizedPage(login: LoginKind): Unauthorized {
  return {
    bodyFor: (request) => renderPage(<LoginPage kind={login} />, wordsFor(request)),
    headers: { 'Content-Security-Policy': policyForAlone(), Vary: 'Accept-Language' },
    realm: REALMS[login],
  };
}

function refusalOf(error: unknown, { method }: IncomingMessage): PageRefusal {
  if (error !== undefined) return asPageRefusal(error);
  const isRead = method === 'GET' || method === 'HEAD';
  return new PageRefusal(isRead ? 'not-found' : 'method-not-allowed');
}

/** A year, because the path contains a hash of the content */
const CACHE_CONTROL = 'private, max-age=31536000, immutable';

/** Serves the stylesheet, scripts and icon of the pages. */
export function serveAssets(): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const byPath = new Map([...assets().values()].map((one) => [one.path, one]));
  router.get(`${ASSETS_PATH}*path`, (request, response) => {
    const found = byPath.get(request.path);
    if (found === undefined) throw new PageRefusal('not-found');
    response.set('Cache-Control', CACHE_CONTROL).type(found.type).send(found.bytes);
  });
  return router;
}

/** Serves the icon that browsers request on their own, for example with a picture. */
function serveIcon(): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const { type, bytes } = asset('icon.svg');
  router.get('/favicon.ico', (_request, response) => {
    response.set('Cache-Control', CACHE_CONTROL).type(type).send(bytes);
  });
  return router;
}

export type StartWebOptions = Omit<OnionHttpOptions, 'answer'> & {
  readonly routes: RequestHandler;
  /** Behind the access check, before `routes` */
  readonly middleware?: readonly Middleware[] | undefined;
  /** What opens single downloads without Basic auth */
  readonly signedLinks?: SignedLinks | undefined;
};

/** Serves pages behind Basic auth. @throws OnionferryError ERR_WEB; the signal's reason */
export async function startWeb(options: StartWebOptions): Promise<OnionHttpServer> {
  const { routes, middleware, signedLinks, logger = silentLogger } = options;
  const server = new OnionHttpServer({
    ...options,
    answer: (access) =>
      createPages({ guard: pageGuard(access, signedLinks), middleware, routes, logger }),
  });
  await server.listen();
  return server;
}
