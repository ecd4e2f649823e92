import type { RequestHandler } from 'express';
import type { Credentials } from '../../base/authorization.js';
import { type Logger, silentLogger } from '../../base/logger.js';
import type { Middleware } from '../../onion-http/handlers.js';
import { DEFAULT_HTTP_LIMITS, type HttpLimits } from '../../onion-http/limits.js';
import { OnionHttpServer } from '../../onion-http/onion-http-server.js';
import type { SignedLinks } from '../../onion-http/signed-links.js';
import { createPages, pageGuard } from './create-pages.js';

export interface StartWebOptions {
  /** What the access check asks for; only digests of it are kept */
  readonly credentials: Credentials;
  /** Where the unix socket is made; nobody else may enter it (mode 0700) */
  readonly directory: string;
  readonly routes: RequestHandler;
  readonly middleware?: readonly Middleware[] | undefined;
  /** What opens single downloads without Basic auth */
  readonly signedLinks?: SignedLinks | undefined;
  /** Whether tor writes the circuit's line (HiddenServiceExportCircuitID haproxy); default true */
  readonly circuitLine?: boolean;
  readonly limits?: Partial<HttpLimits>;
  readonly logger?: Logger;
  readonly signal?: AbortSignal;
}

/**
 * Serves pages behind Basic auth.
 *
 * @throws OnionferryError ERR_WEB if the socket cannot be made; the signal's reason
 */
export async function startWeb(options: StartWebOptions): Promise<OnionHttpServer> {
  const { credentials, directory, signedLinks, circuitLine, signal } = options;
  const { logger = silentLogger } = options;
  const server = new OnionHttpServer({
    ...{ credentials, circuitLine, logger },
    limits: { ...DEFAULT_HTTP_LIMITS, ...options.limits },
    answer: (access) => createPages({ ...options, guard: pageGuard(access, signedLinks), logger }),
  });
  await server.listen({ directory, code: 'ERR_WEB', signal });
  return server;
}
