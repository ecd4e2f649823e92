import type { IncomingMessage, RequestListener } from 'node:http';
import type { RequestHandler } from 'express';
import type { Logger } from '../../base/logger.js';
import type { Access } from '../../onion-http/access.js';
import type { SignedLinks } from '../../onion-http/basic-auth.js';
import { requireBasicAuth, type Unauthorized } from '../../onion-http/basic-auth.js';
import { createListener, type Middleware } from '../../onion-http/handlers.js';
import { renderPage, sendPage } from '../design/render-page.js';
import { ErrorPage } from './error-page.js';
import { asPageRefusal, PageRefusal } from './refusal.js';
import { policyForAlone, securityHeaders } from './security-headers.js';
import { serveAssets, serveIcon } from './serve-assets.js';

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
  return requireBasicAuth({ access, signedLinks, unauthorized: unauthorizedPage() });
}

/** The page for a wrong password, which cannot fetch a stylesheet and has its own. */
export function unauthorizedPage(): Unauthorized {
  return {
    body: renderPage(<ErrorPage kind="wrong-password" isAlone />),
    headers: { 'Content-Security-Policy': policyForAlone() },
  };
}

function refusalOf(error: unknown, { method }: IncomingMessage): PageRefusal {
  if (error !== undefined) return asPageRefusal(error);
  const isRead = method === 'GET' || method === 'HEAD';
  return new PageRefusal(isRead ? 'not-found' : 'method-not-allowed');
}
