import type { RequestHandler } from 'express';
import { silentLogger } from '../../base/logger.js';
import type { SignedLinks } from '../../onion-http/basic-auth.js';
import type { Middleware } from '../../onion-http/handlers.js';
import { type OnionHttpOptions, OnionHttpServer } from '../../onion-http/onion-http-server.js';
import { createPages, pageGuard } from './create-pages.js';

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
