import { createSiteRoutes } from '../web/site/site-routes.js';
import { type Handle, start, type Work } from './handle.js';
import { servePages } from './serve-pages.js';
import { type Option, type Settings, settle } from './settings.js';

/**
 * Lets whoever has the address, the user and the password read a static site in Tor Browser, until
 * it is closed or expires.
 */
export function site(directory: string, ...options: readonly Option[]): Handle<void> {
  const settings = settle(options);
  return start((work) => run(directory, settings, work), settings.signal);
}

async function run(directory: string, settings: Settings, work: Work): Promise<void> {
  const { policy: csp, logger } = settings;
  const routes = createSiteRoutes({ ...{ directory, csp, logger }, signal: work.signal });
  await servePages({ holder: 'site', ...{ routes, settings, work }, finish: () => undefined });
}
