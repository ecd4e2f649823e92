import { type RequestListener, Server } from 'node:http';
import type { RequestHandler } from 'express';
import { type Logger, silentLogger } from '../../base/logger.js';
import { asHandler, createListener } from '../../onion-http/handlers.js';
import type { Middleware, Servable } from '../../onion-http/middleware.js';
import { type OnionHttpOptions, OnionHttpServer } from '../../onion-http/onion-http-server.js';
import { onAuthenticatedUpgrade } from '../../onion-http/upgrades.js';
import { renderPage } from '../design/render-page.js';
import { wordsFor } from '../words/words-for.js';
import { pageGuard } from './create-pages.js';
import { ErrorPage } from './error-page.js';
import { asPageRefusal, PageRefusal } from './refusal.js';
import { policyForAlone } from './security-headers.js';

export type StartServedOptions = Omit<OnionHttpOptions, 'answer'> & {
  readonly servable: Servable;
  /** Behind the access check, before `servable` */
  readonly middleware?: readonly Middleware[];
};

/**
 * Serves somebody else's application behind Basic auth, upgrades included.
 *
 * @throws OnionferryError ERR_WEB if the socket cannot be made; the signal's reason
 */
export async function startServed(options: StartServedOptions): Promise<OnionHttpServer> {
  const { servable, middleware = [], logger = silentLogger } = options;
  const server = new OnionHttpServer({
    ...options,
    answer: (access) => listenerOf(servable, [pageGuard(access), ...middleware], logger),
  });
  // Without such listeners an upgrade is a plain request, as it is for Node.
  if (servable instanceof Server && servable.listenerCount('upgrade') > 0) {
    onAuthenticatedUpgrade(server.http, server.access, (...upgrade) => {
      servable.emit('upgrade', ...upgrade);
    });
  }
  await server.listen();
  return server;
}

/**
 * Headers are the application's own. What it leaves unanswered or fails at ends with a page that
 * needs no other file, since every path may be the application's.
 */
function listenerOf(
  servable: Servable,
  before: readonly RequestHandler[],
  logger: Logger,
): RequestListener {
  const policy = policyForAlone();
  return createListener({
    // Links to other sites must not give the address away. The application may replace this.
    headers: { 'Referrer-Policy': 'no-referrer' },
    mount: (app) => app.use(...before, asHandler(servable)),
    ending: (error, request) => {
      const { kind, status } =
        error === undefined ? new PageRefusal('not-found') : asPageRefusal(error);
      return {
        isDefect: kind === 'internal',
        send(response) {
          // It may be Node's own response by now, without Express' methods. What the application set
          // was about another body: its length would cut this page, or leave the client waiting.
          for (const name of response.getHeaderNames()) response.removeHeader(name);
          const page = Buffer.from(
            renderPage(<ErrorPage kind={kind} isAlone />, wordsFor(request)),
          );
          response.writeHead(status, {
            'Cache-Control': 'no-store',
            'Content-Length': page.length,
            'Content-Type': 'text/html; charset=utf-8',
            'Content-Security-Policy': policy,
            'Referrer-Policy': 'no-referrer',
            Vary: 'Accept-Language',
          });
          response.end(page);
        },
      };
    },
    room: 'serve',
    logger,
  });
}
