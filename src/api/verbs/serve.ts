import { Server } from 'node:http';
import { OnionferryError } from '../../base/errors.js';
import type { Servable } from '../../onion-http/handlers.js';
import { DEFAULT_HTTP_LIMITS } from '../../onion-http/limits.js';
import { OnionHttpServer } from '../../onion-http/onion-http-server.js';
import { onAuthenticatedUpgrade } from '../../onion-http/upgrades.js';
import { createServedHandler, pageGuard } from '../../pages/server/create-pages.js';
import { type Handle, start } from '../handle.js';
import { type Serving, serveOnion } from '../serve-pages.js';
import { type Option, type Settings, settle } from '../settings.js';

/**
 * Puts an HTTP application behind an onion address, a user name and a password, until it is closed
 * or expires.
 *
 * `servable` is an Express application, any request handler of Node's (`(request, response) => …`),
 * or an `http.Server` that does not listen itself; of a server the 'request' and 'upgrade' listeners
 * are called, so that WebSocket libraries work as usual. An upgrade needs the password as well.
 *
 * Nothing reaches the handler before the access check has passed. There is no client address:
 * `circuitOf(request)` is what comes closest. Headers are the handler's own, but for
 * `Referrer-Policy: no-referrer`, which it may replace.
 *
 * A handler that throws or rejects, or passes an error to `next`, is answered with an error page
 * and logged; the stack goes nowhere. After the first byte of a reply the connection is closed
 * instead. What a server's own listeners throw later is not caught, as in any Node program.
 */
export function serve(servable: Servable, ...options: readonly Option[]): Handle<void> {
  const settings = settle(options);
  if (typeof servable !== 'function' && !(servable instanceof Server)) {
    throw new OnionferryError('ERR_USAGE', 'serve needs a request handler or an http.Server');
  }
  return start(
    (work) =>
      serveOnion({
        holder: 'serve',
        start: (serving) => startServed(servable, serving, settings),
        finish: () => undefined,
        ...{ settings, work },
      }),
    settings.signal,
  );
}

async function startServed(
  servable: Servable,
  { credentials, draining, directory, signal }: Serving,
  { middleware, logger }: Settings,
): Promise<OnionHttpServer> {
  const server = new OnionHttpServer({
    ...{ credentials, logger },
    limits: DEFAULT_HTTP_LIMITS,
    answer: (access) =>
      createServedHandler({
        guard: pageGuard(access),
        middleware: [...middleware, draining.admit],
        ...{ servable, logger },
      }),
  });
  // Without such listeners an upgrade is a plain request, as it is for Node.
  if (servable instanceof Server && servable.listenerCount('upgrade') > 0) {
    onAuthenticatedUpgrade(server.http, server.access, (...upgrade) => {
      servable.emit('upgrade', ...upgrade);
    });
  }
  await server.listen({ directory, code: 'ERR_WEB', signal });
  return server;
}
