import { Server } from 'node:http';
import type { Servable } from '../../onion-http/middleware.js';
import { startServed } from '../../pages/server/start-served.js';
import { type OnlineHandle, startOnline } from '../handle.js';
import { usageError } from '../options.js';
import { serveOnion } from '../serve-pages.js';
import type { Option } from '../settings.js';
import { assertStrongPassword } from '../strong-password.js';
import { settingsFor } from '../verb-options.js';

/**
 * Puts an HTTP application behind an onion address, a user name and a password, until it is closed
 * or expires.
 *
 * `servable` is an Express application, any request handler of Node's (`(request, response) => …`),
 * or an `http.Server` that does not listen itself. Of a server the 'request' and 'upgrade' listeners
 * are called, so WebSocket libraries work as usual; an upgrade needs the password as well, and does
 * not pass `withMiddleware`. An
 * Express router needs an application around it.
 *
 * Nothing reaches it before the access check has passed. Behind an onion a client has no address:
 * `circuitOf(request)` is what comes closest. Headers are the application's own, but for
 * `Referrer-Policy: no-referrer`, which it may replace.
 * Browsers send the password by themselves once it was typed, so an application that changes things
 * has to check the `Origin` of requests and upgrades, as behind any login.
 *
 * If it throws, rejects or calls `next(error)`, the client sees an error page without the error,
 * which is logged; after the first byte of a reply the connection is closed instead. What a server's
 * listeners throw later is not caught, as in any Node program.
 *
 * @example
 * ```ts
 * const app = express();
 * app.get('/', (request, response) => void response.send('hello over Tor'));
 * const serving = serve(app, withEphemeral());
 * const { url, user, password } = await serving.online;
 * ```
 */
export function serve(
  servable: Servable,
  ...options: readonly Option<'serve'>[]
): OnlineHandle<void> {
  const settings = settingsFor('serve', options);
  assertStrongPassword(settings);
  if (typeof servable !== 'function' && !(servable instanceof Server)) {
    throw usageError('serve needs a request handler or an http.Server');
  }
  const { logger, middleware } = settings;
  return startOnline(
    (work) =>
      serveOnion({
        holder: 'serve',
        start: ({ draining, ...serving }) =>
          startServed({
            ...{ servable, logger, ...serving },
            middleware: [...middleware, draining.admit],
          }),
        finish: () => undefined,
        ...{ settings, work },
      }),
    settings.signal,
  );
}
