import { Router } from 'express';
import { parseAuthorization } from '../../base/authorization.js';
import type { Logger } from '../../base/logger.js';
import { requireBasicAuth } from '../../onion-http/basic-auth.js';
import type { Middleware } from '../../onion-http/middleware.js';
import type { Answer } from '../../onion-http/onion-http-server.js';
import { sendPage } from '../design/render-page.js';
import { busy, createPages, unauthorizedPage } from '../server/create-pages.js';
import { ReceivePage } from './receive-page.js';
import { SendPage } from './send-page.js';

/** The pages of a relay for others, behind the relay's own access check. */
export function relayPages(logger: Logger, middleware?: readonly Middleware[]): Answer {
  return (access) =>
    createPages({
      guard: requireBasicAuth({ access, unauthorized: unauthorizedPage('relay'), busy }),
      ...{ middleware, routes: routes(), logger },
    });
}

function routes(): Router {
  const router = Router({ caseSensitive: true, strict: true });
  router.get('/', (_request, response) => {
    sendPage(response, <ReceivePage relay="shared" />);
  });
  router.get('/send', (request, response) => {
    const shown = parseAuthorization(request.headers.authorization ?? '');
    sendPage(response, <SendPage relayPassword={shown?.password ?? ''} />);
  });
  return router;
}
